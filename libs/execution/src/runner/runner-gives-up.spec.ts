import { Logger } from '@nestjs/common';
import { contextOf, Deferred, NOW } from '../../test/fakes.js';
import { FAILED, IN_CLUSTER, RunnerStage } from '../../test/runner-stage.js';
import { GIVEN_UP } from '../executor/executor.js';

describe('a runner', () => {
  beforeAll(() => void Logger.overrideLogger(false));
  let node: RunnerStage;
  const use = (capacity: number): void => {
    beforeEach(() => {
      node = new RunnerStage(capacity);
    });
  };

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
      await node.untilWritten(1);
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
      node.store.own = { context: IN_CLUSTER, attempt: 3 };
      await node.runner.offer(['a']);
      await node.untilRunning(1);
      node.runner.loseRetried();
      await node.untilWritten(1);
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
      node.executor.end('a');
      node.runner.loseRetried();
      await node.untilWritten(1);
      expect(node.store.written).toMatchObject([{ settlement: { state: 'succeeded' } }]);
    });

    it('sends nothing for a start whose answer comes when the lease is nearly over', async () => {
      const starting = new Deferred<readonly string[]>();
      node.store.onStart = () => starting.promise;
      const offered = node.runner.offer(['a']);
      await node.store.signal.until(() => node.store.starts.length === 1);
      node.time.pass(12_000);
      starting.resolve(['a']);
      await offered;
      await node.untilWritten(1);
      expect(node.store.written).toMatchObject([{ settlement: { state: 'waiting', reason: 'node lost' } }]);
    });
  });

  it('stops what others have taken over', async () => {
    node = new RunnerStage(10);
    await node.runner.offer(['a', 'b']);
    expect(node.runner.runs.map((run) => `${run.executeId}/${run.epoch}`)).toEqual(['a/1', 'b/1']);
    node.runner.lose(['a', 'unknown']);
    await node.untilWritten(1);
    expect(node.runner.isRunning('b', 1)).toBe(true);
  });

  describe('that stops', () => {
    use(2);
    const HOUR_MS = 3_600_000;

    it('declines what waits, lets runs finish, and is done when they are recorded', async () => {
      const offered = node.runner.offer(['a', 'b', 'c']);
      await node.untilRunning(2);
      const stopped = node.runner.stop(HOUR_MS);
      await offered;
      await node.runner.offer(['d']);
      expect(node.runner.free).toBe(0);
      node.executor.end('a');
      node.executor.end('b', FAILED);
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
      node.store.own = { context: IN_CLUSTER, attempt: 3 };
      await node.runner.offer(['a']);
      await node.untilRunning(1);
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
      await node.store.signal.until(() => node.store.starts.length === 1);
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
