import { type CallTrace, type Tracing } from '@ecron/observability';
import { type FastifyInstance } from 'fastify';

/** Probes, scrapes and pages: frequent, and nothing that anyone waits for. */
const UNTRACED = /^\/(health|metrics|docs|openapi\.json)(\/|$)/;

const traces = new WeakMap<object, CallTrace>();

/** Follows every call that a route answers, but probes, scrapes and the pages of the documentation. */
export function traceCalls(server: FastifyInstance, calls: Tracing['calls']): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, routeOptions } = request;
    const { url: route } = routeOptions;
    if (route !== undefined && !UNTRACED.test(route))
      traces.set(request, calls.begin({ method, route, traceparent: textOf(headers['traceparent']) }));
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    traces.get(request)?.end(reply.statusCode);
    done();
  });
}

/** Undefined: the call is not traced. */
export const traceparentOf = (request: object): string | undefined => traces.get(request)?.traceparent;

/** Two of them are none. */
const textOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined;
