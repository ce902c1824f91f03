import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { type Socket } from 'node:net';
import { HttpStatus } from '@nestjs/common';
import { ApiError } from '@ecron/jobs';
import { type Tracing } from '@ecron/observability';
import { type ServerTls } from '@ecron/platform';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { findForeignPage } from './foreign-page.js';
import { harden, type Hardening } from './hardening.js';
import { refuseNameless } from './nameless.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';
import { RouteTable } from './route-table.js';
import { traceCalls } from './traced-calls.js';

/** Bytes of a request body; a job's context takes 10 240, a report of 1 000 statuses some 400 000. */
export const BODY_LIMIT_BYTES = 1_048_576;
/** Bytes of a request's head: paths may list some hundred ids. */
const MAX_HEAD_BYTES = 65_536;
/** For a whole request to arrive, and for its head: who sends slower holds connections. */
const ARRIVAL_MS = 30_000;
const HEAD_ARRIVAL_MS = 10_000;
/** At a time; further ones are closed at once. Each may hold a head and a body. */
export const MAX_CONNECTIONS = 4096;

/**
 * What no route can answer any more: a path that cannot be decoded, bytes that are no request, a head over the limit, a
 * request that does not arrive.
 */
export type RawRefusal = 'malformedPath' | 'malformedRequest' | 'headTooLarge' | 'tooSlow';

export interface RefusalBody {
  status: number;
  body: object;
}

export interface ServerOptions {
  /** Left out: plain HTTP. */
  tls?: ServerTls | null;
  /** Whose `X-Forwarded-For` is believed. */
  trustedProxies?: readonly string[];
}

/**
 * The HTTP server of the REST API. Bodies are JSON whatever their content type says, as old clients expect, and
 * reach the pipes as text, so that whoever has no token learns nothing about its body. Answers that are JSON, or
 * empty, say `application/json` without a charset.
 */
export class RestAdapter extends FastifyAdapter {
  readonly routes = new RouteTable();
  /** For what is refused before any hook runs; whoever knows the language sets them. */
  readonly refusals: Record<RawRefusal, RefusalBody>;

  constructor({ tls = null, trustedProxies = [] }: ServerOptions = {}) {
    const empty = { status: HttpStatus.BAD_REQUEST, body: {} };
    const refusals = { malformedPath: empty, malformedRequest: empty, headTooLarge: empty, tooSlow: empty };
    const limits = { maxHeaderSize: MAX_HEAD_BYTES, headersTimeout: HEAD_ARRIVAL_MS };
    super({
      bodyLimit: BODY_LIMIT_BYTES,
      genReqId: ({ headers }: IncomingMessage) => requestIdOf(headers[REQUEST_ID_HEADER]),
      requestTimeout: ARRIVAL_MS,
      trustProxy: trustedProxies.length > 0 && [...trustedProxies],
      ...(tls === null ? { http: limits } : { https: { ...limits, ...tls } }),
      routerOptions: { maxParamLength: MAX_HEAD_BYTES },
      frameworkErrors: (_error: unknown, _request: unknown, reply: { raw: ServerResponse }) => {
        const { status, text, headers } = written(refusals.malformedPath);
        reply.raw.writeHead(status, headers).end(text);
      },
      clientErrorHandler: ({ code }: { code?: string }, socket: Socket) => {
        if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
        socket.end(responseOf(refusals[REFUSAL_OF[code ?? ''] ?? 'malformedRequest']));
      },
    });
    this.refusals = refusals;
    const server = this.getInstance();
    server.server.maxConnections = MAX_CONNECTIONS;
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    server.addHook('onRoute', (route) => this.routes.add(route.method, route.url));
    server.addHook('onRequest', (request, _reply, done) => {
      if (BODY_OF_ITS_OWN.includes(request.method)) done(new ApiError('unknown path', '404 page not found'));
      else done();
    });
    server.addHook('onRequest', (request, reply, done) => {
      reply.header(REQUEST_ID_HEADER, request.id);
      done();
    });
    server.addHook('onSend', (_request, reply, _payload, done) => {
      const type = String(reply.getHeader('content-type') ?? 'application/json');
      if (type.startsWith('application/json')) reply.header('content-type', 'application/json');
      if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
      done();
    });
  }

  /** Follows calls for a trace; before whatever may refuse them. */
  traceCalls(calls: Tracing['calls']): void {
    traceCalls(this.getInstance(), calls);
  }

  /** Puts limits, security headers and, where there are any, sessions before the routes. */
  harden(hardening: Hardening): void {
    harden(this.getInstance(), hardening);
  }

  /** Refuses who brings nothing that tells a name before a body is read, for where a token is asked for. After `harden`. */
  refuseNameless(): void {
    refuseNameless(this.getInstance());
  }

  /**
   * Refuses requests that come from web pages of others, for where no token is asked for.
   * @param listenAddress where the server will listen
   */
  refuseForeignPages(listenAddress: string): void {
    this.getInstance().addHook('onRequest', (request, _reply, done) => {
      const { headers, method } = request;
      const facts = {
        method,
        host: headers.host,
        origin: headers.origin,
        fetchSite: text(headers['sec-fetch-site']),
        fetchMode: text(headers['sec-fetch-mode']),
      };
      const cause = findForeignPage(facts, listenAddress);
      if (cause === null) done();
      else done(new ApiError('forbidden', cause));
    });
  }

  /** The one parser is set above; Nest would add its own. */
  override registerParserMiddleware(): void {}
}

/** The server asks for a content type before it finds that no route takes them. */
const BODY_OF_ITS_OWN = ['QUERY'];

const REFUSAL_OF: Partial<Record<string, RawRefusal>> = {
  HPE_HEADER_OVERFLOW: 'headTooLarge',
  ERR_HTTP_REQUEST_TIMEOUT: 'tooSlow',
};

const text = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

function written({ status, body }: RefusalBody) {
  const text = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  return { status, text, headers };
}

/** There is no response object for it: the request was never one. */
function responseOf(refusal: RefusalBody): string {
  const { status, text: body, headers } = written(refusal);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}connection: close\r\n\r\n${body}`;
}
