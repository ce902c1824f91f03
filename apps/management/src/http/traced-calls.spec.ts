import { type TracedCall } from '@ecron/observability';
import fastify, { type FastifyInstance } from 'fastify';
import { traceCalls, traceparentOf } from './traced-calls.js';

describe('calls that are traced', () => {
  const begun: TracedCall[] = [];
  const ended: number[] = [];
  let server: FastifyInstance;
  beforeEach(() => {
    begun.length = ended.length = 0;
    server = fastify();
    traceCalls(server, {
      begin: (call) => {
        begun.push(call);
        return { traceparent: 'that of the call', end: (status) => void ended.push(status) };
      },
    });
    for (const path of ['/api/job/:job_id', '/health/ready', '/metrics', '/docs/*', '/openapi.json'])
      server.get(path, (request, reply) => reply.code(202).send(traceparentOf(request) ?? 'none'));
  });
  afterEach(() => server.close());

  it('are named by their route, bring what the caller sent, know their context and end with their status', async () => {
    const headers = { traceparent: 'that of the caller' };
    const answer = await server.inject({ url: '/api/job/4711', headers });
    const call = { method: 'GET', route: '/api/job/:job_id', traceparent: 'that of the caller' };
    expect([begun, answer.body, ended]).toEqual([[call], 'that of the call', [202]]);
  });

  it('are not probes, scrapes, pages and what no route answers', async () => {
    for (const url of ['/health/ready', '/metrics', '/docs/index.html', '/openapi.json'])
      expect((await server.inject({ url })).body).toBe('none');
    expect((await server.inject({ url: '/nowhere' })).statusCode).toBe(404);
    expect([begun, ended]).toEqual([[], []]);
  });
});
