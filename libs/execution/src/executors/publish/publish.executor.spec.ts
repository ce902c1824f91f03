import { type JsonObject, type Outcome } from '@ecron/domain';
import { type Outlet, type OutletMessage, type PublishResult } from '@ecron/messaging';
import { attemptWith, contextWith } from '../../../test/attempts.js';
import { type AttemptRequest } from '../../executor/executor.js';
import { PublishExecutor } from './publish.executor.js';

const BODY = { rows: [1, 2], text: 'é' };
const IDENTITY = {
  execute_id: 'execute-1',
  job_id: 'job-1',
  slot: '2026-11-24T17:00:00+08:00',
  attempt: 2,
  idempotency_key: 'execute-1',
};

class FakeOutlet implements Outlet {
  readonly broker = 'Kafka';
  readonly published: [string, OutletMessage][] = [];
  answer: () => Promise<PublishResult> = async () => 'published';

  constructor(readonly hasKeys = true) {}

  findTopicFault(topic: string): string | null {
    return topic === 'events' ? null : 'must be events';
  }

  publish(topic: string, message: OutletMessage): Promise<PublishResult> {
    this.published.push([topic, message]);
    return this.answer();
  }
}

describe('a job that publishes', () => {
  let outlet: FakeOutlet;
  beforeEach(() => {
    outlet = new FakeOutlet();
  });

  const contextOf = (publish: JsonObject = {}) => contextWith('publish', 'events', { body: BODY, publish });
  const run = (own: Partial<AttemptRequest> = {}, signal = new AbortController().signal): Promise<Outcome> =>
    new PublishExecutor(outlet, ['events']).run(attemptWith(contextOf(), own), signal);
  const messageOf = async (publish: JsonObject, own: Partial<AttemptRequest> = {}) => {
    await run({ ...own, context: contextOf(publish) });
    return outlet.published[0]?.[1];
  };

  it('has succeeded when the broker has its body as it stands', async () => {
    expect(await run()).toEqual({ kind: 'succeeded', result: null });
    expect(outlet.published).toMatchObject([['events', { value: JSON.stringify(BODY), key: null }]]);
  });

  it('says beside the message who it is from', async () => {
    expect((await messageOf({}))?.headers).toEqual({
      'x-ecron-execute-id': 'execute-1',
      'x-ecron-job-id': 'job-1',
      'x-ecron-slot': '2026-11-24T17:00:00+08:00',
      'x-ecron-attempt': '2',
      'idempotency-key': 'execute-1',
    });
  });

  it('says it in the message where an envelope is asked for', async () => {
    const message = await messageOf({ envelope: true });
    expect(JSON.parse(message?.value ?? '')).toEqual({ ...IDENTITY, body: BODY });
  });

  it('names no slot where it was asked for', async () => {
    const message = await messageOf({ envelope: true }, { slotAt: null });
    expect(message?.headers).not.toHaveProperty('x-ecron-slot');
    expect(JSON.parse(message?.value ?? '')).not.toHaveProperty('slot');
  });

  it('keeps its messages in order by its key', async () => {
    expect((await messageOf({ key: 'customer-7' }))?.key).toBe('customer-7');
  });

  it.each([
    ['is tried again where the topic may come', false, { retryable: true, error: 'no such topic' }],
    ['fails for good where it never will', true, { retryable: false, reason: 'bad target' }],
  ])('%s', async (_, isFinal, expected) => {
    outlet.answer = async () => ({ refusal: 'no such topic', isFinal });
    expect(await run()).toMatchObject({ kind: 'failed', ...expected });
  });

  it('is tried again while the broker is away, and does not say where that is', async () => {
    outlet.answer = () => Promise.reject(new Error('nsqd 10.0.0.7:4150 not connected'));
    expect(await run()).toEqual({
      kind: 'failed',
      retryable: true,
      error: 'Kafka did not take the message',
      result: null,
    });
  });

  it('ends with its time where the broker says nothing', async () => {
    outlet.answer = () => new Promise(() => undefined);
    expect(await run({ timeoutMs: 5 })).toMatchObject({ kind: 'timedOut' });
  });

  it('ends with its abort where the broker says nothing', async () => {
    const abort = new AbortController();
    outlet.answer = () => {
      abort.abort();
      return new Promise(() => undefined);
    };
    expect(await run({}, abort.signal)).toMatchObject({ kind: 'interrupted' });
  });

  it('publishes nothing when it was aborted before', async () => {
    expect(await run({}, AbortSignal.abort())).toMatchObject({ kind: 'interrupted' });
    expect(outlet.published).toEqual([]);
  });

  it('publishes nothing without a body, which no saved job lacks', async () => {
    expect(await run({ context: contextWith('publish', 'events') })).toMatchObject({ reason: 'bad target' });
    expect(outlet.published).toEqual([]);
  });

  it('is refused where messages do not leave the process', async () => {
    const [executor, context] = [new PublishExecutor(null, ['events']), contextOf()];
    expect(executor.check(context)).toEqual({
      path: 'job_context.mode',
      rule: 'needs NSQ or Kafka (mq_connector_type): this deployment keeps its messages in memory',
    });
    expect(await executor.run(attemptWith(context), new AbortController().signal)).toMatchObject({
      kind: 'failed',
      retryable: false,
      reason: 'unsupported mode',
      error: expect.stringContaining('needs NSQ or Kafka') as string,
    });
  });
});

describe('the topics that jobs may publish to', () => {
  class AnyTopic extends FakeOutlet {
    override findTopicFault(topic: string): string | null {
      return topic.startsWith('cron.topic.') ? 'must not be one of ECron' : null;
    }
  }
  const attempt = async (exec: string, topics: string[]) => {
    const outlet = new AnyTopic();
    const executor = new PublishExecutor(outlet, topics);
    const context = contextWith('publish', exec, { body: BODY });
    const outcome = await executor.run(attemptWith(context), new AbortController().signal);
    return { fault: executor.check(context), outcome, published: outlet.published.map(([topic]) => topic) };
  };

  it.each([
    ['events', ['reports', 'events']],
    ['events.eu', ['events.*']],
    ['events.', ['events.*']],
    ['anything', ['*']],
  ])('%s is one of %p', async (exec, topics) => {
    expect(await attempt(exec, topics)).toEqual({
      fault: null,
      outcome: { kind: 'succeeded', result: null },
      published: [exec],
    });
  });

  it.each([
    ['events', ['events.*']],
    ['events.eu', ['events']],
    ['Events', ['events']],
    ['events-eu', ['events.*']],
    ['*', ['events']],
  ])('%s is none of %p, neither when it is saved nor when it runs', async (exec, topics) => {
    expect(await attempt(exec, topics)).toEqual({
      fault: { path: 'job_context.exec', rule: 'must be one that publish_topics lists' },
      outcome: expect.objectContaining({
        kind: 'failed',
        retryable: false,
        reason: 'bad target',
        error: 'the topic must be one that publish_topics lists',
      }) as unknown,
      published: [],
    });
  });

  it('never include our own, whatever is listed', async () => {
    const { fault } = await attempt('cron.topic.cron.job', ['*', 'cron.topic.cron.job']);
    expect(fault).toEqual({ path: 'job_context.exec', rule: 'must not be one of ECron' });
  });

  it('are none where none is listed: the mode is off, and says so', async () => {
    expect(await attempt('events', [])).toEqual({
      fault: {
        path: 'job_context.mode',
        rule: 'is off on this node: publish_topics lists no topic',
      },
      outcome: expect.objectContaining({ retryable: false, reason: 'unsupported mode' }) as unknown,
      published: [],
    });
  });
});

describe('a job that publishes, when it is saved', () => {
  const check = (exec: string, info: JsonObject, hasKeys = true) =>
    new PublishExecutor(new FakeOutlet(hasKeys), ['events']).check(contextWith('publish', exec, info));

  it('may be all that the broker takes', () => {
    expect(check('events', { body: {}, publish: { key: 'k', envelope: true } })).toBeNull();
    expect(check('events', { body: {}, publish: { key: null } }, false)).toBeNull();
  });

  it.each<[string, string, JsonObject]>([
    ['job_context.exec', '', { body: {} }],
    ['job_context.exec', 'other', { body: {} }],
    ['job_context.info.body', 'events', {}],
    ['job_context.info.publish.key', 'events', { body: {}, publish: { key: 'k' } }],
  ])('is refused by its %s', (path, exec, info) => {
    expect(check(exec, info, false)?.path).toBe(path);
  });
});
