import { type OverdueCallback } from '@ecron/scheduling';
import { ACCEPTED, ALL, contextOf, HOUR, MINE, reportOf, SECOND, SOMEBODY, T0 } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

/** What every store must do for callbacks that do not come. */
export function overdueConformance(open: OpenStores): void {
  describe('an overdue callback', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const find = (limit = 10) => stage.stores.waiting.findOverdueCallbacks(stage.now, limit);
    const closed = () => ({
      attempts: [
        { attempt: 1, node_id: 'm', started_at: T0, ended_at: stage.now, outcome: 'timed_out' as const },
      ],
      error: 'no callback in time',
    });
    const retry = () =>
      ({
        state: 'waiting',
        reason: 'callback timeout',
        endedAt: null,
        dueAt: stage.now,
        ...closed(),
      }) as const;
    const end = () =>
      ({
        state: 'abandoned',
        reason: 'callback timeout',
        endedAt: stage.now,
        dueAt: null,
        ...closed(),
      }) as const;

    /** A run of a job whose callback is overdue now. */
    const overdueRun = async (): Promise<{
      job: Awaited<ReturnType<Stage['addJob']>>;
      overdue: OverdueCallback;
    }> => {
      const job = await stage.addJob({ policy: { callback_timeout_s: 60, retry: { max_attempts: 5 } } });
      await stage.record(await stage.runSlot(job), ACCEPTED);
      stage.clock.pass(60 * SECOND);
      const [overdue] = await find();
      if (overdue === undefined) throw new Error('none is overdue');
      return { job, overdue };
    };

    it('is found at its deadline, not before, with what a retry is decided from', async () => {
      const job = await stage.addJob({ policy: { callback_timeout_s: 60 } });
      const run = await stage.runSlot(job);
      const begunAt = stage.now;
      await stage.record(run, ACCEPTED);
      stage.clock.pass(60 * SECOND - 1);
      expect(await find()).toEqual([]);
      stage.clock.pass(1);
      expect(await find()).toMatchObject([
        {
          executeId: run.executeId,
          jobId: job.jobId,
          epoch: 1,
          attempt: 1,
          trigger: 'schedule',
          begunAt,
          startedAt: begunAt,
          policy: { callback_timeout_s: 60 },
          mode: 'http',
          attempts: [{ outcome: 'accepted' }],
        },
      ]);
    });

    it('is found oldest first, as many as may be', async () => {
      const runs = [];
      for (let n = 0; n < 3; n++) {
        runs.push(await stage.startOne(await stage.insert({ context: contextOf('http://target.test/') })));
        await stage.record(runs[n] as (typeof runs)[number], ACCEPTED);
        stage.clock.pass(1);
      }
      stage.clock.pass(HOUR);
      expect((await find(2)).map((row) => row.executeId)).toEqual(
        runs.slice(0, 2).map((run) => run.executeId),
      );
    });

    it('is retried: the row waits, its job stays taken', async () => {
      const { job, overdue } = await overdueRun();
      expect(await stage.stores.waiting.settleAccepted(overdue, retry())).toBe(true);
      expect(await stage.execution(overdue.executeId)).toMatchObject({
        ...retry(),
        maxAttempts: 5,
      });
      expect(await stage.start([await stage.request(job)])).toEqual([]);
      expect(await stage.startOne(overdue.executeId)).toMatchObject({ epoch: 2, attempt: 2 });
    });

    it('ends the execution and frees its job', async () => {
      const { job, overdue } = await overdueRun();
      expect(await stage.stores.waiting.settleAccepted(overdue, end())).toBe(true);
      expect(await stage.execution(overdue.executeId)).toMatchObject(end());
      expect(await stage.start([await stage.request(job)])).toHaveLength(1);
    });

    it('that has come meanwhile is left alone', async () => {
      const { overdue } = await overdueRun();
      await stage.stores.executions.completeByCallback(ALL, overdue.executeId, 'null', SOMEBODY);
      expect(await stage.stores.waiting.settleAccepted(overdue, end())).toBe(false);
      expect(await stage.execution(overdue.executeId)).toMatchObject({ state: 'succeeded' });
    });

    it('of an earlier epoch is left alone', async () => {
      const { overdue } = await overdueRun();
      await stage.stores.waiting.settleAccepted(overdue, retry());
      await stage.record(await stage.startOne(overdue.executeId), ACCEPTED);
      expect(await stage.stores.waiting.settleAccepted(overdue, end())).toBe(false);
      expect(await stage.execution(overdue.executeId)).toMatchObject({ state: 'accepted', epoch: 2 });
    });

    it('of what an outsider runs says so', async () => {
      await stage.stores.executions.report(MINE, 'tenant-a', [reportOf({})], SOMEBODY);
      stage.clock.pass(HOUR);
      expect(await find()).toMatchObject([{ executeId: 'reported', trigger: 'external', begunAt: T0 }]);
    });

    it('goes by no policy of a job that the run does not belong to', async () => {
      const job = await stage.addJob({ policy: { retry: { max_attempts: 9 } } });
      const run = await stage.startOne(await stage.request(job, { jobVersion: 0, context: job.context }));
      await stage.record(run, ACCEPTED);
      stage.clock.pass(HOUR);
      expect((await find()).map((row) => [row.executeId, row.policy])).toEqual([[run.executeId, {}]]);
    });
  });
}
