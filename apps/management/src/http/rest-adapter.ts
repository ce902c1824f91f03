import { type ServerResponse } from 'node:http';
import { HttpStatus } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { RouteTable } from './route-table.js';

/** Bytes of a request body; a job's context takes 10 240, a report of 1 000 statuses some 400 000. */
export const BODY_LIMIT_BYTES = 1_048_576;
/** Bytes of a request's head: paths may list some hundred ids. */
const MAX_HEAD_BYTES = 65_536;

/**
 * The HTTP server of the REST API. Bodies are JSON whatever their content type says, as old clients expect, and
 * reach the pipes as text, so that whoever has no token learns nothing about its body. Answers that are JSON, or
 * empty, say `application/json` without a charset.
 */
export class RestAdapter extends FastifyAdapter {
  readonly routes = new RouteTable();
  /** Answered with 400 to a path that cannot even be decoded; whoever knows the language sets it. */
  readonly malformedPath: { body: object };

  constructor() {
    const malformedPath = { body: {} };
    super({
      bodyLimit: BODY_LIMIT_BYTES,
      http: { maxHeaderSize: MAX_HEAD_BYTES },
      routerOptions: { maxParamLength: MAX_HEAD_BYTES },
      // No hook runs for these, so they are written as they are.
      frameworkErrors: (_error: unknown, _request: unknown, reply: { raw: ServerResponse }) => {
        const text = JSON.stringify(malformedPath.body);
        const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
        reply.raw.writeHead(HttpStatus.BAD_REQUEST, headers).end(text);
      },
    });
    this.malformedPath = malformedPath;
    const server = this.getInstance();
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    server.addHook('onRoute', (route) => this.routes.add(route.method, route.url));
    server.addHook('onSend', (_request, reply, _payload, done) => {
      const type = String(reply.getHeader('content-type') ?? 'application/json');
      if (type.startsWith('application/json')) reply.header('content-type', 'application/json');
      done();
    });
  }

  /** The one parser is set above; Nest would add its own. */
  override registerParserMiddleware(): void {}
}
