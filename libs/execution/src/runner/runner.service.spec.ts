import { Logger } from '@nestjs/common';
import { contextOf, Deferred, NOW, runOf } from '../../test/fakes.js';
import { FAILED, RunnerStage } from '../../test/runner-stage.js';

describe('the runner', () => {
  beforeAll(() => void Logger.overrideLogger(false));
  let node: RunnerStage;
  const use = (capacity: number): void => {
    beforeEach(() => {
      node = new RunnerStage(capacity);
    });
  };

  describe('with places free', () => {
    use(10);

    it('starts what is offered under a token of its own, and answers when that is durable', async () => {
      await node.runner.offer(['a', 'b']);
      await node.runner.offer(['c']);
      await node.untilRunning(3);
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

    describe('ahead of their slot', () => {
      const SLOT = NOW + 305;
      beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] }));
      afterEach(() => void jest.useRealTimers());
      const passToSlot = async (): Promise<void> => {
        node.time.pass(305);
        await jest.advanceTimersByTimeAsync(305);
      };

      it('hands won rows to the executor at the slot, not before', async () => {
        node.store.own = { slotAt: SLOT, startedAt: SLOT, begunAt: SLOT };
        await node.runner.offer(['a'], SLOT);
        expect(node.executor.ids).toEqual([]);
        expect(node.runner.free).toBe(9);
        await passToSlot();
        expect(node.executor.ids).toEqual(['a']);
      });

      it('tries once more at the slot what it did not win', async () => {
        node.store.onStart = async ({ now }) => (now < SLOT ? [] : ['a']);
        await node.runner.offer(['a'], SLOT);
        expect(node.store.starts).toHaveLength(1);
        await passToSlot();
        await node.untilRunning(1);
        expect(node.store.starts).toHaveLength(2);
      });
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
      node.executor.end('a', FAILED);
      await node.untilWritten(1);
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
      await node.untilWritten(1);
      expect(node.store.written[0]?.settlement).toMatchObject({
        state: 'failed',
        reason: 'unsupported mode',
      });
    });

    it('retries where the executor is broken, and shows nothing of its inside', async () => {
      await node.runner.offer(['a']);
      node.executor.end('a', new Error('secret at line 7'));
      await node.untilWritten(1);
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
      node.executor.end('a');
      await node.untilWritten(1);
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
      await node.untilWritten(1);
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
      await node.store.signal.until(() => node.store.readBacks.length === 1);
      expect([node.runner.isStarting('a'), node.runner.free]).toEqual([true, 9]);
      node.store.onReadBack = async () => [];
      await offered;
      expect([node.runner.isStarting('a'), node.runner.free]).toEqual([false, 10]);
      expect(node.store.starts).toHaveLength(1);
    });

    it('asks no more once it is to stop', async () => {
      node.store.onReadBack = () => Promise.reject(new Error('no database'));
      void node.runner.offer(['a']);
      await node.store.signal.until(() => node.store.readBacks.length === 1);
      await node.runner.stop(0);
      expect(node.executor.ids).toEqual([]);
    });
  });

  describe('with two places', () => {
    use(2);

    it('runs two, and the next when one has ended', async () => {
      const offered = node.runner.offer(['a', 'b', 'c']);
      await node.untilRunning(2);
      expect(node.runner.free).toBe(0);
      node.executor.end('b');
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
      node.executor.end('a');
      await node.store.signal.until(() => node.store.batches.length === 1);
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
        await node.store.signal.until(() => node.executor.ids.length > n);
        expect(node.executor.ids.length - node.store.written.length).toBeLessThanOrEqual(2);
        node.executor.end(node.executor.ids[n] ?? '');
      }
      await offered;
      await node.untilWritten(60);
      expect(new Set(node.executor.ids).size).toBe(60);
    });
  });
});
