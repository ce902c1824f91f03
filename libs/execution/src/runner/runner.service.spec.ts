import { type Outcome } from '@ecron/domain';
import { Heartbeat, type NodeStore } from '@ecron/nodes';
import { Logger } from '@nestjs/common';
import {
  contextOf,
  Deferred,
  FakeRuns,
  ManualExecutor,
  MovedTime,
  NOW,
  nodeOf,
  RecordingPublisher,
  runOf,
} from '../../test/fakes.js';
import { GIVEN_UP } from '../executor/executor.js';
import { type ExecutorRegistry } from '../executor/executor-registry.js';
import { Recorder } from '../recorder/recorder.service.js';
import { Runner } from './runner.service.js';

const FAILED: Outcome = {
  kind: 'failed',
  retryable: true,
  statusCode: 500,
  error: 'answered 500',
  result: null,
};

const CLUSTER_CONTEXT = {
  ...contextOf('exe'),
  info: { ...contextOf('exe').info, kubernetes: { image: 'tool' } },
};

function makeRunner(capacity: number) {
  const store = new FakeRuns();
  const executor = new ManualExecutor(store.signal);
  const registry = { find: (mode: string) => (mode === 'https' ? undefined : executor) } as ExecutorRegistry;
  const [node, time] = [nodeOf(capacity), new MovedTime()];
  const { clock } = time;
  const nodes = { beat: async () => undefined } as unknown as NodeStore;
  const heartbeat = new Heartbeat(node, nodes, clock);
  const recorder = new Recorder(store, new RecordingPublisher());
  const defaults = { maxAttempts: 3, completion: 'auto' as const };
  const runner = new Runner(store, recorder, registry, clock, node, heartbeat, defaults, '/webhook');
  return { store, executor, runner, heartbeat, time, signal: store.signal };
}

describe('the runner', () => {
  beforeAll(() => void Logger.overrideLogger(false));
  let node: ReturnType<typeof makeRunner>;
  const use = (capacity: number): void => {
    beforeEach(() => {
      node = makeRunner(capacity);
    });
  };
  const untilRunning = (count: number) => node.signal.until(() => node.executor.ids.length === count);
  const untilWritten = (count: number) => node.signal.until(() => node.store.written.length === count);
  const end = (id: string, outcome?: Outcome | Error) => node.executor.end(id, outcome);

  describe('with places free', () => {
    use(10);

    it('starts what is offered under a token of its own, and answers when that is durable', async () => {
      await node.runner.offer(['a', 'b']);
      await node.runner.offer(['c']);
      await untilRunning(3);
      expect(node.store.starts).toMatchObject([
        { executeIds: ['a', 'b'], nodeId: 'management-1', now: NOW },
        { executeIds: ['c'] },
      ]);
      const [first, second] = node.store.starts;
      expect(first?.token).not.toBe(second?.token);
    });

    it('hands the executor all it needs, and no more time than the total leaves', async () => {
      node.store.own = { begunAt: NOW - 7_000, attempt: 2, policy: { timeout_s: 60, total_timeout_s: 10 } };
      await node.runner.offer(['a']);
      expect(node.executor.attempts).toEqual([
        {
          executeId: 'a',
          jobId: 'job of a',
          tenantId: 'tenant-a',
          slotAt: NOW,
          zone: 'UTC',
          attempt: 2,
          epoch: 1,
          context: contextOf('http'),
          completion: 'auto',
          timeoutMs: 3_000,
          webhookPath: '/webhook/a',
        },
      ]);
    });

    it('records how the attempt ended, after those before it', async () => {
      const earlier = { attempt: 1, node_id: 'm', started_at: 1, ended_at: 2, outcome: 'failed' as const };
      node.store.own = {
        attempt: 2,
        epoch: 4,
        attempts: [earlier],
        policy: { retry: { max_attempts: 5, jitter: false } },
      };
      await node.runner.offer(['a']);
      end('a', FAILED);
      await untilWritten(1);
      expect(node.store.written).toMatchObject([
        {
          executeId: 'a',
          jobId: 'job of a',
          epoch: 4,
          attempt: 2,
          maxAttempts: 5,
          attempts: [earlier, { attempt: 2, node_id: 'management-1', outcome: 'failed' }],
          settlement: { state: 'waiting', reason: 'retry', dueAt: NOW + 10_000 },
        },
      ]);
    });

    it('fails for good what no executor carries out', async () => {
      node.store.own = { context: contextOf('https') };
      await node.runner.offer(['a']);
      await untilWritten(1);
      expect(node.store.written[0]?.settlement).toMatchObject({
        state: 'failed',
        reason: 'unsupported mode',
      });
    });

    it('retries where the executor is broken, and shows nothing of its inside', async () => {
      await node.runner.offer(['a']);
      end('a', new Error('secret at line 7'));
      await untilWritten(1);
      expect(node.store.written[0]?.settlement).toMatchObject({ state: 'waiting', reason: 'retry' });
      expect(JSON.stringify(node.store.written)).not.toContain('secret');
    });

    it('runs only what the store says it has won', async () => {
      node.store.onStart = async () => ['b'];
      await node.runner.offer(['a', 'b']);
      expect(node.executor.ids).toEqual(['b']);
      expect(node.runner.free).toBe(9);
    });

    it('does not start again what it runs, until that is over', async () => {
      await node.runner.offer(['a']);
      await node.runner.offer(['a']);
      expect(node.store.starts).toHaveLength(1);
      end('a');
      await node.signal.until(() => node.store.written.length === 1);
      await new Promise((resolve) => setImmediate(resolve));
      await node.runner.offer(['a']);
      expect(node.executor.ids).toEqual(['a', 'a']);
    });

    it('knows what it runs by id and epoch', async () => {
      await node.runner.offer(['a']);
      expect([
        node.runner.isRunning('a', 1),
        node.runner.isRunning('a', 2),
        node.runner.isRunning('b', 1),
      ]).toEqual([true, false, false]);
    });

    it('aborts one run and records it when its work has ended', async () => {
      await node.runner.offer(['a', 'b']);
      node.runner.abort('a');
      node.runner.abort('unknown');
      await untilWritten(1);
      expect(node.store.written).toMatchObject([
        { executeId: 'a', settlement: { state: 'interrupted', reason: 'cancelled' } },
      ]);
      expect(node.runner.isRunning('b', 1)).toBe(true);
    });

    it('leaves the rows waiting when a start fails, and can start them later', async () => {
      node.store.onStart = () => Promise.reject(new Error('no database'));
      await node.runner.offer(['a']);
      expect(node.runner.free).toBe(10);
      node.store.onStart = async ({ executeIds }) => executeIds;
      await node.runner.offer(['a']);
      expect(node.executor.ids).toEqual(['a']);
    });
  });

  describe('of a start whose outcome is unknown', () => {
    use(10);
    beforeEach(() => {
      node.store.onStart = () => Promise.reject(new Error('connection lost'));
    });

    it('looks up by its token what it has won, and runs that', async () => {
      node.store.onReadBack = async () => [runOf('a')];
      await node.runner.offer(['a', 'b']);
      expect(node.store.readBacks).toEqual([node.store.starts[0]?.token]);
      expect(node.executor.ids).toEqual(['a']);
      expect(node.runner.free).toBe(9);
    });

    it('asks until it is answered, the rows being under way meanwhile', async () => {
      node.store.onReadBack = () => Promise.reject(new Error('no database'));
      const offered = node.runner.offer(['a']);
      await node.signal.until(() => node.store.readBacks.length === 1);
      expect([node.runner.isStarting('a'), node.runner.free]).toEqual([true, 9]);
      node.store.onReadBack = async () => [];
      await offered;
      expect([node.runner.isStarting('a'), node.runner.free]).toEqual([false, 10]);
      expect(node.store.starts).toHaveLength(1);
    });

    it('asks no more once it is to stop', async () => {
      node.store.onReadBack = () => Promise.reject(new Error('no database'));
      void node.runner.offer(['a']);
      await node.signal.until(() => node.store.readBacks.length === 1);
      await node.runner.stop(0);
      expect(node.executor.ids).toEqual([]);
    });
  });

  describe('whose heartbeat is not written', () => {
    use(10);

    it('starts nothing from half its lease on, and goes on when it is written again', async () => {
      node.time.pass(7_499);
      await node.runner.offer(['a']);
      node.time.pass(1);
      await node.runner.offer(['b']);
      expect(node.runner.free).toBe(0);
      await node.heartbeat.beat();
      expect(node.runner.free).toBe(9);
      await node.runner.offer(['c']);
      expect(node.executor.ids).toEqual(['a', 'c']);
    });

    it('lets go what others will try again, as they would settle it, and nothing else', async () => {
      await node.runner.offer(['retried']);
      node.store.own = { attempt: 3 };
      await node.runner.offer(['last try']);
      node.store.own = { context: contextOf('exe') };
      await node.runner.offer(['command']);
      node.runner.loseRetried();
      await untilWritten(1);
      expect(node.store.written).toMatchObject([
        {
          executeId: 'retried',
          attempt: 1,
          attempts: [{ attempt: 1, outcome: 'node_lost' }],
          settlement: { state: 'waiting', reason: 'node lost', dueAt: NOW },
        },
      ]);
      expect([node.runner.isRunning('last try', 1), node.runner.isRunning('command', 1)]).toEqual([
        true,
        true,
      ]);
    });

    it('lets go what lives on without it, its last attempt too, uncounted', async () => {
      node.store.own = { context: CLUSTER_CONTEXT, attempt: 3 };
      await node.runner.offer(['a']);
      await untilRunning(1);
      node.runner.loseRetried();
      await untilWritten(1);
      expect(node.store.written).toMatchObject([
        {
          attempt: 2,
          attempts: [{ attempt: 3, outcome: 'node_lost' }],
          settlement: { state: 'waiting', reason: 're-attach' },
        },
      ]);
      expect(node.executor.reasons).toEqual([GIVEN_UP]);
    });

    it('records what ended by itself just then as it ended', async () => {
      await node.runner.offer(['a']);
      end('a');
      node.runner.loseRetried();
      await untilWritten(1);
      expect(node.store.written).toMatchObject([{ settlement: { state: 'succeeded' } }]);
    });

    it('sends nothing for a start whose answer comes when the lease is nearly over', async () => {
      const starting = new Deferred<readonly string[]>();
      node.store.onStart = () => starting.promise;
      const offered = node.runner.offer(['a']);
      await node.signal.until(() => node.store.starts.length === 1);
      node.time.pass(12_000);
      starting.resolve(['a']);
      await offered;
      await untilWritten(1);
      expect(node.store.written).toMatchObject([{ settlement: { state: 'waiting', reason: 'node lost' } }]);
    });
  });

  it('stops what others have taken over', async () => {
    node = makeRunner(10);
    await node.runner.offer(['a', 'b']);
    expect(node.runner.runs.map((run) => `${run.executeId}/${run.epoch}`)).toEqual(['a/1', 'b/1']);
    node.runner.lose(['a', 'unknown']);
    await untilWritten(1);
    expect(node.runner.isRunning('b', 1)).toBe(true);
  });

  describe('with two places', () => {
    use(2);

    it('runs two, and the next when one has ended', async () => {
      const offered = node.runner.offer(['a', 'b', 'c']);
      await untilRunning(2);
      expect(node.runner.free).toBe(0);
      end('b');
      await offered;
      expect(node.executor.ids).toEqual(['a', 'b', 'c']);
      expect(node.runner.free).toBe(0);
    });

    it('declines what finds no place, and writes nothing of it', async () => {
      await node.runner.offer(['a', 'b']);
      await node.runner.offer(['c']);
      expect(node.store.starts.flatMap((start) => start.executeIds)).toEqual(['a', 'b']);
      expect(node.store.batches).toEqual([]);
    });

    it('keeps a place taken until the record is durable', async () => {
      const writing = new Deferred<void>();
      node.store.onRecord = () => writing.promise;
      await node.runner.offer(['a', 'b']);
      end('a');
      await node.signal.until(() => node.store.batches.length === 1);
      expect(node.runner.free).toBe(0);
      writing.resolve();
      await node.runner.offer(['c']);
      expect(node.executor.ids).toEqual(['a', 'b', 'c']);
    });

    it('says how much it could still take', async () => {
      await node.runner.offer(['a']);
      expect(node.heartbeat.freeCapacity()).toBe(1);
    });

    it('never has more under way than places, however much is offered at once', async () => {
      const ids = Array.from({ length: 60 }, (_, n) => `e${n}`);
      const offered = Promise.all(ids.map((id) => node.runner.offer([id])));
      for (let n = 0; n < ids.length; n++) {
        await node.signal.until(() => node.executor.ids.length > n);
        expect(node.executor.ids.length - node.store.written.length).toBeLessThanOrEqual(2);
        end(node.executor.ids[n] ?? '');
      }
      await offered;
      await untilWritten(60);
      expect(new Set(node.executor.ids).size).toBe(60);
    });
  });

  describe('that stops', () => {
    use(2);
    const HOUR_MS = 3_600_000;

    it('declines what waits, lets runs finish, and is done when they are recorded', async () => {
      const offered = node.runner.offer(['a', 'b', 'c']);
      await untilRunning(2);
      const stopped = node.runner.stop(HOUR_MS);
      await offered;
      await node.runner.offer(['d']);
      expect(node.runner.free).toBe(0);
      end('a');
      end('b', FAILED);
      await stopped;
      expect(node.executor.ids).toEqual(['a', 'b']);
      expect(node.store.written.map((r) => r.settlement.state).sort()).toEqual(['succeeded', 'waiting']);
    });

    it('is done at once when nothing runs', async () => {
      await node.runner.stop(HOUR_MS);
      await node.runner.offer(['a']);
      expect(node.store.starts).toEqual([]);
    });

    it('gives back what has not finished in time: at once, the attempt uncounted', async () => {
      node.store.own = { attempt: 2 };
      await node.runner.offer(['a']);
      await node.runner.stop(0);
      expect(node.store.written).toMatchObject([
        {
          attempt: 1,
          attempts: [{ attempt: 2, outcome: 'shutdown' }],
          settlement: { state: 'waiting', reason: 'shutdown', dueAt: NOW },
        },
      ]);
    });

    it('interrupts a command that has not finished in time, its attempt counted', async () => {
      node.store.own = { context: contextOf('exe') };
      await node.runner.offer(['a']);
      await node.runner.stop(0);
      expect(node.store.written).toMatchObject([
        { attempt: 1, settlement: { state: 'interrupted', reason: 'shutdown', endedAt: NOW } },
      ]);
    });

    it('gives what lives on without it to others at once, whatever the grace, and tells its executor so', async () => {
      node.store.own = { context: CLUSTER_CONTEXT, attempt: 3 };
      await node.runner.offer(['a']);
      await untilRunning(1);
      await node.runner.stop(HOUR_MS);
      expect(node.store.written).toMatchObject([
        {
          attempt: 2,
          attempts: [{ attempt: 3, outcome: 'shutdown' }],
          settlement: { state: 'waiting', reason: 're-attach', dueAt: NOW },
        },
      ]);
      expect(node.executor.reasons).toEqual([GIVEN_UP]);
    });

    it('waits for a start that is under way, and gives back at once what that brings after the grace', async () => {
      const starting = new Deferred<readonly string[]>();
      node.store.onStart = () => starting.promise;
      void node.runner.offer(['a']);
      await node.signal.until(() => node.store.starts.length === 1);
      const stopped = node.runner.stop(0);
      await new Promise((resolve) => setTimeout(resolve, 1));
      starting.resolve(['a']);
      await stopped;
      expect(node.store.written).toMatchObject([
        { attempt: 0, settlement: { state: 'waiting', reason: 'shutdown' } },
      ]);
    });
  });
});
