import { type StartedRun } from '@ecron/execution';
import { ACCEPTED, ALL, FAILED, HOUR, INTERRUPTED, SECOND, SOMEBODY, SUCCEEDED } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

/** What every run store must do when a node says how attempts ended. */
export function recordConformance(open: OpenStores): void {
  describe('a record', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    /** Whether the job's next run may start. */
    const isFree = async (job: Parameters<Stage['request']>[0]) =>
      (await stage.start([await stage.request(job)])).length === 1;

    it('of a success ends the execution, keeps what it gave, and frees the job', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      stage.clock.pass(70);
      const recorded = { executeId: run.executeId, jobId: job.jobId, state: 'succeeded', endedAt: stage.now };
      expect(await stage.record(run, SUCCEEDED)).toEqual([recorded]);
      expect(await stage.execution(run.executeId)).toMatchObject({
        ...recorded,
        result: '{"rows":3}',
        error: '',
        nodeId: '',
        attempts: [
          {
            attempt: 1,
            node_id: 'management-1',
            outcome: 'succeeded',
            status_code: 200,
            ended_at: stage.now,
          },
        ],
      });
      expect(await isFree(job)).toBe(true);
    });

    it('gives the place of the job back with the end, not before', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      const place = { job_id: job.jobId, execute_id: run.executeId };
      await stage.record(run, FAILED);
      expect(await stage.activeRows()).toEqual([place]);
      stage.clock.pass(5 * SECOND);
      const again = await stage.startOne(run.executeId);
      await stage.record(again, ACCEPTED);
      expect(await stage.activeRows()).toEqual([place]);
      await stage.stores.executions.completeByCallback(ALL, run.executeId, 'null', SOMEBODY);
      expect(await stage.activeRows()).toEqual([]);
      await stage.record(await stage.startOne(await stage.request(job)), SUCCEEDED);
      expect(await stage.activeRows()).toEqual([]);
    });

    it('of a failure lets the row wait for its retry, which anyone may take, and keeps the job', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      expect(await stage.record(run, FAILED)).toMatchObject([{ state: 'waiting', endedAt: null }]);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'waiting',
        reason: 'retry',
        dueAt: stage.now + 5 * SECOND,
        notBefore: stage.now + 5 * SECOND,
        error: 'answered 500',
        maxAttempts: 3,
      });
      expect(await isFree(job)).toBe(false);
      expect((await stage.take({ holder: 'analysis-2' })).map((row) => row.executeId)).toEqual([
        run.executeId,
      ]);
    });

    it('of the last failure abandons the execution, with one entry for each attempt', async () => {
      const job = await stage.addJob({ policy: { retry: { max_attempts: 2 } } });
      const first = await stage.runSlot(job);
      await stage.record(first, FAILED);
      stage.clock.pass(5 * SECOND);
      await stage.record(await stage.startOne(first.executeId), FAILED);
      const execution = await stage.execution(first.executeId);
      expect(execution).toMatchObject({ state: 'abandoned', endedAt: stage.now, maxAttempts: 2 });
      expect(execution.attempts.map((entry) => entry.attempt)).toEqual([1, 2]);
      expect(await isFree(job)).toBe(true);
    });

    it('of accepted work waits for the callback and keeps the job', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      await stage.record(run, ACCEPTED);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'accepted',
        dueAt: stage.now + HOUR,
        nodeId: '',
        endedAt: null,
      });
      expect(await isFree(job)).toBe(false);
    });

    it('writes what the node decides to count, lower where the attempt is given back', async () => {
      const run = await stage.runSlot(await stage.addJob());
      await stage.stores.runs.record([{ ...stage.toRecord(run, FAILED), attempt: 0 }]);
      expect(await stage.execution(run.executeId)).toMatchObject({ attempt: 0, epoch: 1 });
    });

    it('of many writes each, whatever became of the others', async () => {
      const ids = await Promise.all(Array.from({ length: 150 }, () => stage.insert({})));
      const runs = await stage.start(ids);
      const [lost, ...rest] = runs;
      await stage.stores.executions.completeByCallback(
        ALL,
        lost?.executeId ?? '',
        '{"by":"callback"}',
        SOMEBODY,
      );
      const recorded = await stage.stores.runs.record(runs.map((run) => stage.toRecord(run, SUCCEEDED)));
      expect(recorded.map((r) => r.executeId).sort()).toEqual(rest.map((r) => r.executeId).sort());
      expect(await stage.execution(rest[140]?.executeId ?? '')).toMatchObject({
        state: 'succeeded',
        result: '{"rows":3}',
      });
      expect(await stage.execution(lost?.executeId ?? '')).toMatchObject({ result: '{"by":"callback"}' });
    });

    it('of nothing is nothing', async () => {
      expect(await stage.stores.runs.record([])).toEqual([]);
    });

    describe('that comes too late', () => {
      it('writes nothing when another node has started the row since', async () => {
        const run = await stage.runSlot(await stage.addJob());
        await stage.stores.runs.giveBack([{ ...run, cancelReason: null }], stage.now);
        const newer = await stage.startOne(run.executeId, 'management-2');
        expect(await stage.record(run, SUCCEEDED)).toEqual([]);
        expect(await stage.execution(run.executeId)).toMatchObject({
          state: 'running',
          epoch: newer.epoch,
          nodeId: 'management-2',
          attempts: [],
          result: null,
        });
      });

      it('writes nothing when the row waits to be started again', async () => {
        const run = await stage.runSlot(await stage.addJob());
        await stage.stores.runs.giveBack([{ ...run, cancelReason: null }], stage.now);
        expect(await stage.record(run, SUCCEEDED)).toEqual([]);
        expect(await stage.execution(run.executeId)).toMatchObject({ state: 'waiting' });
      });

      it('writes nothing a second time', async () => {
        const run = await stage.runSlot(await stage.addJob());
        await stage.record(run, SUCCEEDED);
        expect(await stage.record(run, FAILED)).toEqual([]);
        expect(await stage.execution(run.executeId)).toMatchObject({ state: 'succeeded', attempts: [{}] });
      });
    });

    describe('after the job was deleted', () => {
      const recordDeleted = async (outcome: typeof SUCCEEDED): Promise<StartedRun> => {
        const job = await stage.addJob();
        const run = await stage.runSlot(job);
        await stage.stores.jobs.remove(ALL, [job.jobId], SOMEBODY);
        await stage.record(run, outcome);
        return run;
      };

      it.each([
        ['a retry', FAILED],
        ['a wait for a callback', ACCEPTED],
        ['an abort', INTERRUPTED],
      ])('turns %s into an interruption that says so', async (_, outcome) => {
        const { executeId } = await recordDeleted(outcome);
        expect(await stage.row(executeId)).toMatchObject({
          state: 'interrupted',
          reason: 'job deleted',
          ended_at: stage.now,
          due_at: null,
        });
      });

      it('leaves a success a success', async () => {
        const { executeId } = await recordDeleted(SUCCEEDED);
        expect(await stage.row(executeId)).toMatchObject({ state: 'succeeded', reason: '' });
      });
    });

    describe('after the job was disabled', () => {
      it('ends a slot instead of retrying it, and frees the job', async () => {
        const job = await stage.addJob();
        const run = await stage.runSlot(job);
        await stage.edit(job, { enabled: false });
        expect(await stage.record(run, FAILED)).toMatchObject([{ state: 'interrupted', endedAt: stage.now }]);
        expect(await stage.execution(run.executeId)).toMatchObject({
          state: 'interrupted',
          reason: 'job disabled',
        });
        expect(await isFree(job)).toBe(true);
      });

      it('lets a request be retried, and a slot wait for its callback', async () => {
        const job = await stage.addJob();
        const slot = await stage.runSlot(job);
        await stage.edit(job, { enabled: false });
        await stage.record(slot, ACCEPTED);
        expect(await stage.execution(slot.executeId)).toMatchObject({ state: 'accepted' });
        await stage.stores.executions.completeByCallback(ALL, slot.executeId, 'null', SOMEBODY);
        const request = await stage.startOne(await stage.request(job));
        await stage.record(request, FAILED);
        expect(await stage.execution(request.executeId)).toMatchObject({ state: 'waiting', reason: 'retry' });
      });
    });
  });
}
