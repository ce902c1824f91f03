import { type Outcome } from '@ecron/domain';
import { type CollectedSpan, FakeCollector } from '@ecron/testing';
import { Logger } from '@nestjs/common';
import { openTracing } from './open-tracing.js';
import { traceIdOf } from './trace-context.js';
import { type Tracing } from './tracing.js';

const [TRACE, SPAN] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
const CALLER = `00-${TRACE}-${SPAN}-01`;
const SERVICE = { name: 'ecron-test', version: '1.2.3', instanceId: 'node-1' };
const RUN = {
  ...{ executeId: 'e1', jobId: 'j1', tenantId: 'tenant-a', attempt: 2 },
  context: { mode: 'http' },
};
const SUCCEEDED: Outcome = { kind: 'succeeded', statusCode: 200, result: null };

const [POST, ROUTE] = ['POST', '/api/ecron-management/v1/jobexecution'];
const partsOf = (traceparent: string | undefined): string[] => traceparent?.split('-') ?? [];

describe('tracing', () => {
  let collector: FakeCollector;
  let tracing: Tracing;
  const open = async (traceSampleRatio = 1): Promise<Tracing> => {
    const opened = await openTracing({ traceOtlpUrl: collector.url, traceSampleRatio }, SERVICE);
    if (opened === null) throw new Error('tracing is off');
    return opened;
  };
  beforeEach(async () => {
    collector = await FakeCollector.start();
    tracing = await open();
  });
  afterEach(async () => {
    await tracing.close();
    await collector.stop();
  });
  /** What was collected, when all is sent. */
  const collected = async (): Promise<CollectedSpan[]> => {
    await tracing.close();
    return collector.spans;
  };
  const call = (traceparent: string | undefined) =>
    tracing.calls.begin({ method: POST, route: ROUTE, traceparent });

  it('is off where no collector is named', async () => {
    expect(await openTracing({ traceOtlpUrl: null, traceSampleRatio: 1 }, SERVICE)).toBeNull();
  });

  it('makes one chain of a call, its dispatch and its attempt, below the span of the caller', async () => {
    const asked = call(CALLER);
    const sent = tracing.dispatches.begin([{ executeId: 'e1', traceparent: asked.traceparent }]);
    tracing.attempts.heard(['e1'], sent.traceparents);
    const attempt = tracing.attempts.begin({ ...RUN, traceparent: asked.traceparent });
    attempt.end(SUCCEEDED);
    sent.end(null);
    asked.end(200);
    const spans = new Map((await collected()).map((span) => [span.name, span]));
    const [asking, sending, running] = [
      spans.get(`${POST} ${ROUTE}`),
      spans.get('dispatch'),
      spans.get('attempt http'),
    ];
    expect([...spans.values()].map((span) => span.traceId)).toEqual([TRACE, TRACE, TRACE]);
    expect(asking).toMatchObject({ parentSpanId: SPAN, service: 'ecron-test' });
    expect(sending?.parentSpanId).toBe(asking?.spanId);
    expect(running?.parentSpanId).toBe(sending?.spanId);
    expect(attempt.traceparent).toBe(`00-${TRACE}-${running?.spanId}-01`);
    expect(running?.attributes).toEqual({
      'ecron.execute_id': 'e1',
      'ecron.job_id': 'j1',
      'ecron.tenant': 'tenant-a',
      'ecron.attempt': 2,
      'ecron.mode': 'http',
      'ecron.outcome': 'succeeded',
      'http.response.status_code': 200,
    });
  });

  it('puts an attempt whose dispatch was not heard of below the call that asked for the run', async () => {
    const asked = call(undefined);
    tracing.attempts.heard(['e1'], ['no context']);
    const [, trace] = partsOf(tracing.attempts.begin({ ...RUN, traceparent: asked.traceparent }).traceparent);
    expect(trace).toBe(partsOf(asked.traceparent)[1]);
  });

  it('gives what no call has asked for the trace of its execute id, on every node', async () => {
    const sent = tracing.dispatches.begin([{ executeId: 'e1' }, { executeId: 'e2' }]);
    expect(sent.traceparents.map((one) => partsOf(one)[1])).toEqual([traceIdOf('e1'), traceIdOf('e2')]);
    const found = tracing.attempts.begin(RUN);
    expect(partsOf(found.traceparent)[1]).toBe(traceIdOf('e1'));
    found.end(SUCCEEDED);
    sent.end(null);
    expect((await collected()).map((span) => span.parentSpanId)).toEqual(['', '', '']);
    expect(partsOf(call(undefined).traceparent)[1]).not.toBe(traceIdOf('e2'));
  });

  it('records none of the traces that a caller does not, and passes that on', async () => {
    const asked = call(`00-${TRACE}-${SPAN}-00`);
    const attempt = tracing.attempts.begin({ ...RUN, traceparent: asked.traceparent });
    attempt.end(SUCCEEDED);
    asked.end(200);
    expect(attempt.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    expect(await collected()).toEqual([]);
  });

  it('at a ratio of 0 records what a caller records, and nothing else', async () => {
    await tracing.close();
    tracing = await open(0);
    for (const trace of [call(CALLER), call(undefined)]) trace.end(200);
    tracing.dispatches.begin([{ executeId: 'e1' }]).end(null);
    expect((await collected()).map((span) => span.traceId)).toEqual([TRACE]);
  });

  it('marks what has failed: a call by its status, a dispatch and an attempt by their errors', async () => {
    for (const status of [404, 503]) call(CALLER).end(status);
    tracing.dispatches.begin([{ executeId: 'e1' }]).end(new Error('the broker is away'));
    tracing.attempts.begin(RUN).end({ kind: 'failed', retryable: true, error: 'answered 500', result: null });
    expect((await collected()).map((span) => [span.status.code, span.status.message])).toEqual([
      [0, undefined],
      [2, undefined],
      [2, 'the broker is away'],
      [2, 'answered 500'],
    ]);
  });

  it('says once that the collector takes nothing, and goes on', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    collector.status = 400;
    for (let n = 0; n < 1_100; n++) call(CALLER).end(200);
    expect(await collected()).toEqual([]);
    expect(collector.calls).toBeGreaterThan(1);
    expect(warn.mock.calls).toHaveLength(1);
    warn.mockRestore();
  });

  it('closes although nobody listens', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await collector.stop();
    call(CALLER).end(200);
    await tracing.close();
    await tracing.close();
    collector = await FakeCollector.start();
    warn.mockRestore();
  });
});
