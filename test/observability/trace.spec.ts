import { randomBytes } from 'node:crypto';
import {
  type CollectedSpan,
  describeWith,
  type Endpoints,
  FakeCollector,
  LocalKafka,
  LocalNsqd,
} from '@ecron/testing';
import { type Broker, Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { everySecond, jobBody, QUICK_RETRY } from '../support/jobs.js';
import { type SeenRequest, Target } from '../support/target.js';
import { readTraceparent, spanBy, type TraceContext, traceOf } from '../support/traces.js';

jest.setTimeout(90_000);

const CALL = 'POST /api/ecron-management/v1/jobexecution';

/** A broker of its own: two clusters on one take each other's messages, and with them their contexts. */
interface OwnBroker {
  env: Record<string, string>;
  remove(): Promise<void>;
}

async function ownNsq({ nsq }: Pick<Endpoints, 'nsq'>): Promise<OwnBroker> {
  const nsqd = await LocalNsqd.make(nsq.bin);
  await nsqd.start();
  const { host, port } = nsqd.http;
  const lookupd = { ECRON_MQ_LOOKUPD_HOST: '', ECRON_MQ_LOOKUPD_PORT: '' };
  return {
    env: { ECRON_MQ_HOST: host, ECRON_MQ_PORT: String(port), ...lookupd },
    remove: () => nsqd.remove(),
  };
}

async function ownKafka({ kafka }: Pick<Endpoints, 'kafka'>): Promise<OwnBroker> {
  const local = await LocalKafka.make(kafka.version);
  await local.start();
  return { env: { ECRON_MQ_HOST: local.broker }, remove: () => local.remove() };
}

function traceSuite(broker: Broker, openBroker: () => Promise<OwnBroker>): void {
  let queue: OwnBroker;
  let collector: FakeCollector;
  let target: Target;
  let cluster: Cluster;
  beforeAll(async () => {
    [queue, collector, target] = await Promise.all([openBroker(), FakeCollector.start(), Target.start()]);
    cluster = await Cluster.start({ broker, env: { ...queue.env, ECRON_TRACE_OTLP_URL: collector.url } });
    await target.setManagement(cluster.management);
    await untilQueueCarries();
  });
  afterAll(async () => {
    await Promise.all([cluster?.discard(), target?.stop(), collector?.stop()]);
    await queue?.remove();
  });

  const arrivals = (path: string, count: number): Promise<SeenRequest[]> =>
    eventually(async () => {
      const seen = await target.seen(path);
      if (seen.length < count) throw new Error(`${seen.length} requests instead of ${count}`);
      return seen;
    });
  const contextOf = ({ headers }: SeenRequest): TraceContext => readTraceparent(headers['traceparent']);
  const attemptOf = (seen: SeenRequest): Promise<CollectedSpan> =>
    spanBy(collector, { spanId: contextOf(seen).spanId });

  /** Until every node has its share of the queue, rows are found by polling, and their dispatches are not heard of. */
  const untilQueueCarries = async (): Promise<void> => {
    const jobId = await cluster.api.create(jobBody(`${target.url}/ok/warm`));
    for (let [asked, inARow] = [0, 0]; inARow < 4; asked++) {
      if (asked === 60) throw new Error('the queue does not carry dispatches');
      await cluster.api.run({ job_id: jobId });
      const seen = await arrivals('/ok/warm', asked + 1);
      const attempt = await attemptOf(seen[asked] as SeenRequest);
      const parent = await spanBy(collector, { spanId: attempt.parentSpanId });
      inARow = parent.name === 'dispatch' ? inARow + 1 : 0;
    }
  };

  it('makes one trace of a call with a context, the dispatch, the attempt and what the target is told', async () => {
    const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
    const jobId = await cluster.api.create(jobBody(`${target.url}/ok/traced`));
    const caller = cluster.api.with({ traceparent: `00-${traceId}-${spanId}-01` });
    const { execute_id } = await caller.run({ job_id: jobId });
    const [seen] = await arrivals('/ok/traced', 1);
    expect(seen?.headers['x-ecron-execute-id']).toBe(execute_id);
    const call = await spanBy(collector, { traceId, name: CALL });
    const dispatch = await spanBy(collector, { traceId, name: 'dispatch' });
    const attempt = await spanBy(collector, { traceId, name: 'attempt http' });
    expect(call).toMatchObject({ parentSpanId: spanId, service: 'ecron-management' });
    expect(dispatch).toMatchObject({ parentSpanId: call.spanId, service: 'ecron-analysis' });
    expect(attempt).toMatchObject({ parentSpanId: dispatch.spanId, service: 'ecron-management' });
    expect(attempt.attributes).toMatchObject({ 'ecron.execute_id': execute_id, 'ecron.job_id': jobId });
    expect(seen?.headers['traceparent']).toBe(`00-${traceId}-${attempt.spanId}-01`);
  });

  it('begins a trace with a call that has no context', async () => {
    const jobId = await cluster.api.create(jobBody(`${target.url}/ok/begun`));
    await cluster.api.run({ job_id: jobId });
    const [seen] = await arrivals('/ok/begun', 1);
    const { traceId } = contextOf(seen as SeenRequest);
    expect(await spanBy(collector, { traceId, name: CALL })).toMatchObject({ parentSpanId: '' });
  });

  it('keeps the attempts of a run in the trace of its call, each with a dispatch and a context of its own', async () => {
    const context = { policy: { retry: QUICK_RETRY } };
    const jobId = await cluster.api.create(jobBody(`${target.url}/flaky/1/traced`, {}, context));
    await cluster.api.run({ job_id: jobId });
    const seen = await arrivals('/flaky/1/traced', 2);
    const attempts = await Promise.all(seen.map(attemptOf));
    expect(new Set(seen.map((one) => contextOf(one).traceId)).size).toBe(1);
    expect(attempts.map((span) => span.attributes['ecron.attempt'])).toEqual([1, 2]);
    expect(attempts.map((span) => span.attributes['ecron.outcome'])).toEqual(['failed', 'succeeded']);
    const dispatches = await Promise.all(
      attempts.map((span) => spanBy(collector, { spanId: span.parentSpanId })),
    );
    const call = await spanBy(collector, { traceId: attempts[0]?.traceId ?? '', name: CALL });
    expect(dispatches.map((span) => [span.name, span.parentSpanId])).toEqual([
      ['dispatch', call.spanId],
      ['dispatch', call.spanId],
    ]);
  });

  it('gives each slot a trace of its own, which follows from its execute id', async () => {
    const jobId = await cluster.api.create(everySecond(`${target.url}/ok/slots`));
    const seen = await arrivals('/ok/slots', 2);
    await cluster.api.must(200, 'DELETE', `/job/${jobId}`);
    const ids = seen.map((one) => one.headers['x-ecron-execute-id'] ?? '');
    expect(seen.map((one) => contextOf(one).traceId)).toEqual(ids.map(traceOf));
    const [attempt] = await Promise.all(seen.map(attemptOf));
    const root = await spanBy(collector, { spanId: attempt?.parentSpanId ?? '' });
    expect(root).toMatchObject({ name: 'dispatch', parentSpanId: '', service: 'ecron-analysis' });
  });

  it('records nothing of a call whose caller does not, and tells the target so', async () => {
    const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
    const jobId = await cluster.api.create(jobBody(`${target.url}/ok/unrecorded`));
    await cluster.api.with({ traceparent: `00-${traceId}-${spanId}-00` }).run({ job_id: jobId });
    const [seen] = await arrivals('/ok/unrecorded', 1);
    expect(contextOf(seen as SeenRequest)).toMatchObject({ traceId, flags: '00' });
  });
}

describeWith(['mariadb', 'nsq'], 'a trace over NSQ', (endpoints) => {
  traceSuite('nsq', () => ownNsq(endpoints));
});

describeWith(['mariadb', 'kafka'], 'a trace over Kafka', (endpoints) => {
  traceSuite('kafka', () => ownKafka(endpoints));
});
