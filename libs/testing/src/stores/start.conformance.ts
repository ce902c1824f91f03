import { type StartedRun } from '@ecron/execution';
import { type OverdueSettlement } from '@ecron/scheduling';
import {
  ACCEPTED,
  ALL,
  contextOf,
  FAILED,
  HOUR,
  MINUTE,
  SECOND,
  SOMEBODY,
  SUCCEEDED,
  T0,
} from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

/** What every run store must do when a node starts rows. */
export function startConformance(open: OpenStores): void {
  describe('a start', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    it('wins a waiting row that is due, and brings all that is needed to run it', async () => {
      const job = await stage.addJob({ timeZone: 'Europe/Berlin', policy: { timeout_s: 7 } });
      const executeId = await stage.claimSlot(job);
      stage.clock.pass(40);
      expect(await stage.start([executeId])).toEqual([
        {
          executeId,
          jobId: job.jobId,
          tenantId: 'tenant-a',
          slotAt: T0 + 10 * SECOND,
          zone: 'Europe/Berlin',
          attempt: 1,
          epoch: 1,
          begunAt: stage.now,
          startedAt: stage.now,
          context: job.context,
          policy: { timeout_s: 7 },
          attempts: [],
        },
      ]);
      expect(await stage.execution(executeId)).toMatchObject({
        state: 'running',
        epoch: 1,
        attempt: 1,
        nodeId: 'management-1',
        begunAt: stage.now,
        startedAt: stage.now,
        dueAt: null,
      });
    });

    it('starts nothing that is not due, unknown, or started already', async () => {
      const ahead = await stage.insert({ dueAt: T0 + 1 });
      const due = await stage.insert({});
      expect((await stage.start([ahead, 'unknown', due])).map((run) => run.executeId)).toEqual([due]);
      expect(await stage.start([ahead, 'unknown', due], 'management-2')).toEqual([]);
      expect(await stage.execution(due)).toMatchObject({ epoch: 1, nodeId: 'management-1' });
      expect(await stage.execution(ahead)).toMatchObject({ state: 'waiting', epoch: 0 });
    });

    it('gives each row to one of two nodes that want it at once', async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => stage.insert({})));
      const runs = await Promise.all([stage.start(ids, 'management-1'), stage.start(ids, 'management-2')]);
      expect(
        runs
          .flat()
          .map((run) => run.executeId)
          .sort(),
      ).toEqual([...ids].sort());
      for (const [n, nodeId] of ['management-1', 'management-2'].entries()) {
        const found = await stage.stores.runs.findRunning(nodeId);
        expect(found.map((row) => row.executeId).sort()).toEqual(runs[n]?.map((run) => run.executeId).sort());
      }
    });

    it('starts more rows than fit into one statement, of jobs and of none', async () => {
      const jobs = await Promise.all(Array.from({ length: 70 }, () => stage.addJob()));
      const ofJobs = await Promise.all(jobs.map((job) => stage.request(job)));
      const adHoc = await Promise.all(Array.from({ length: 70 }, () => stage.insert({})));
      expect(await stage.start([...ofJobs, ...adHoc])).toHaveLength(140);
    });

    describe('of a slot later than its grace', () => {
      it('leaves it for analysis to judge, however often it is tried', async () => {
        const executeId = await stage.claimSlot(await stage.addJob());
        stage.clock.pass(MINUTE + 1);
        expect(await stage.start([executeId])).toEqual([]);
        expect(await stage.execution(executeId)).toMatchObject({ state: 'waiting', reason: '', epoch: 0 });
      });

      it('lets go of it, so that it is judged though its holder lives', async () => {
        const executeId = await stage.claimSlot(await stage.addJob());
        stage.clock.pass(MINUTE + 1);
        await stage.start([executeId]);
        const [row] = await stage.stores.query('SELECT holder FROM ecron_execution', []);
        expect(row).toEqual({ holder: '' });
      });

      it('takes it at the last instant of its grace', async () => {
        const executeId = await stage.claimSlot(await stage.addJob());
        stage.clock.pass(MINUTE);
        expect(await stage.start([executeId])).toHaveLength(1);
      });

      it('takes it when it was seen in time, and its retry whenever', async () => {
        const job = await stage.addJob();
        const executeId = await stage.claimSlot(job);
        await stage.stores.waiting.markSeen('analysis-1', stage.now + 1, stage.now);
        stage.clock.pass(5 * MINUTE);
        await stage.record(await stage.startOne(executeId), FAILED);
        stage.clock.pass(5 * MINUTE);
        expect(await stage.start([executeId])).toHaveLength(1);
      });
    });

    describe('of a row whose job has changed', () => {
      it('runs the context, policy and zone of the job as it stands, and says which version that was', async () => {
        const job = await stage.addJob();
        const executeId = await stage.request(job);
        const now = {
          context: contextOf('http://other.test/'),
          policy: { timeout_s: 9 },
          timeZone: 'Asia/Tokyo',
        };
        await stage.edit(job, now);
        const { timeZone: zone, ...rest } = now;
        expect(await stage.start([executeId])).toMatchObject([{ ...rest, zone }]);
        expect(await stage.execution(executeId)).toMatchObject({ jobVersion: 2, context: null });
      });

      it("keeps a context of the row's own, and lets its policy win member by member", async () => {
        const job = await stage.addJob({ policy: { timeout_s: 7, completion: 'response' } });
        const own = { context: contextOf('http://own.test/'), policy: { timeout_s: 2 } };
        expect(await stage.start([await stage.request(job, own)])).toMatchObject([
          { context: own.context, policy: { timeout_s: 2, completion: 'response' } },
        ]);
      });

      it('ends it when the job has been deleted', async () => {
        const job = await stage.addJob();
        await stage.stores.jobs.remove({ allTenants: true }, [job.jobId], SOMEBODY);
        const executeId = await stage.request(job);
        expect(await stage.start([executeId])).toEqual([]);
        expect(await stage.row(executeId)).toMatchObject({
          state: 'interrupted',
          reason: 'job deleted',
          ended_at: stage.now,
          due_at: null,
        });
      });

      it('ends a slot of a disabled job and frees the job, but runs a request', async () => {
        const job = await stage.addJob();
        const run = await stage.runSlot(job);
        await stage.record(run, ACCEPTED);
        await stage.edit(job, { enabled: false });
        stage.clock.pass(HOUR);
        const [overdue] = await stage.stores.waiting.findOverdueCallbacks(stage.now, 10);
        const retry = {
          state: 'waiting',
          reason: 'callback timeout',
          endedAt: null,
          dueAt: stage.now,
          attempts: [],
          error: '',
        } satisfies OverdueSettlement;
        if (overdue !== undefined) await stage.stores.waiting.settleAccepted(overdue, retry);
        expect(await stage.start([run.executeId])).toEqual([]);
        expect(await stage.execution(run.executeId)).toMatchObject({
          state: 'interrupted',
          reason: 'job disabled',
        });
        expect(await stage.start([await stage.request(job)])).toHaveLength(1);
      });
    });

    it('keeps the reason of a slot that runs late, through its end and its callback', async () => {
      const runLate = async () => {
        const job = await stage.addJob({ schedule: '*/10 * * * * *' });
        stage.clock.pass(5 * MINUTE);
        await stage.claim();
        const late = (await stage.executionsOf(job)).find((row) => row.state === 'waiting');
        return stage.startOne(late?.executeId ?? '');
      };
      const [ended, called, failed] = [await runLate(), await runLate(), await runLate()];
      const reasonOf = async (run: StartedRun) => (await stage.execution(run.executeId)).reason;
      expect(await reasonOf(ended)).toBe('misfire');
      await stage.stores.runs.record([
        stage.toRecord(ended, SUCCEEDED),
        stage.toRecord(failed, FAILED),
        stage.toRecord(called, ACCEPTED),
      ]);
      expect([await reasonOf(ended), await reasonOf(failed)]).toEqual(['misfire', 'retry']);
      await stage.stores.executions.completeByCallback(ALL, called.executeId, 'null', SOMEBODY);
      expect(await stage.execution(called.executeId)).toMatchObject({
        state: 'succeeded',
        reason: 'misfire',
      });
    });

    it('ends a row whose total time has passed in the backoff, and frees its job', async () => {
      const job = await stage.addJob({ policy: { total_timeout_s: 7 } });
      const run = await stage.runSlot(job);
      await stage.record(run, FAILED);
      stage.clock.pass(7 * SECOND);
      expect(await stage.start([run.executeId])).toEqual([]);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'abandoned',
        reason: 'total timeout',
        endedAt: stage.now,
        dueAt: null,
      });
      expect(await stage.activeRows()).toEqual([]);
      expect(await stage.start([await stage.request(job)])).toHaveLength(1);
    });

    it('of a retry raises epoch and attempt, and keeps when the first attempt began', async () => {
      const run = await stage.runSlot(await stage.addJob());
      const begunAt = stage.now;
      await stage.record(run, FAILED);
      stage.clock.pass(5 * SECOND);
      const again = await stage.startOne(run.executeId, 'management-2');
      expect(again).toMatchObject({ epoch: 2, attempt: 2, begunAt, startedAt: stage.now });
      expect(await stage.execution(run.executeId)).toMatchObject({
        begunAt,
        startedAt: stage.now,
        attempt: 2,
      });
      expect(again.attempts).toMatchObject([{ attempt: 1, outcome: 'failed', node_id: 'management-1' }]);
    });

    describe('while an earlier run of the job has not ended', () => {
      it.each([
        ['running', async () => undefined],
        ['accepted', async (run: Awaited<ReturnType<Stage['startOne']>>) => stage.record(run, ACCEPTED)],
        [
          'waiting for its retry',
          async (run: Awaited<ReturnType<Stage['startOne']>>) => stage.record(run, FAILED),
        ],
      ])('skips a slot, and lets a request wait: %s', async (_, proceed) => {
        const job = await stage.addJob();
        await proceed(await stage.runSlot(job));
        const slot = await stage.claimSlot(job);
        const request = await stage.request(job);
        expect(await stage.start([slot, request])).toEqual([]);
        expect(await stage.execution(slot)).toMatchObject({
          state: 'skipped',
          reason: 'overlap',
          endedAt: stage.now,
          dueAt: null,
          epoch: 0,
        });
        expect(await stage.execution(request)).toMatchObject({
          state: 'waiting',
          reason: 'overlap',
          endedAt: null,
          dueAt: null,
        });
      });

      it('lets a retry wait that has lost its place, and does not skip it', async () => {
        const job = await stage.addJob();
        const run = await stage.runSlot(job);
        await stage.record(run, FAILED);
        await stage.stores.query('DELETE FROM ecron_job_active WHERE job_id = ?', [job.jobId]);
        await stage.startOne(await stage.request(job));
        stage.clock.pass(5 * SECOND);
        expect(await stage.start([run.executeId])).toEqual([]);
        expect(await stage.execution(run.executeId)).toMatchObject({
          state: 'waiting',
          reason: 'overlap',
          dueAt: null,
        });
      });

      it('of the same batch, lets the earlier one win', async () => {
        const job = await stage.addJob();
        const first = await stage.claimSlot(job);
        const second = await stage.claimSlot(job);
        expect(await stage.start([second, first])).toMatchObject([{ executeId: first }]);
        expect(await stage.execution(second)).toMatchObject({ state: 'skipped' });
      });

      it('runs what belongs to no stored job side by side, though it names one', async () => {
        const job = await stage.addJob();
        await stage.runSlot(job);
        const own = { jobVersion: 0, context: job.context };
        const ids = [await stage.request(job, own), await stage.request(job, own)];
        expect(await stage.start(ids)).toHaveLength(2);
      });

      it.each([
        [
          'has ended',
          async () =>
            (await stage.record(await stage.startOne(await stage.insert({})), SUCCEEDED))[0]?.executeId,
        ],
        ['is gone', async () => 'no-such-execution'],
      ])('takes over the place of a run that %s', async (_, makeHolder) => {
        const job = await stage.addJob();
        const holder = (await makeHolder()) ?? '';
        await stage.stores.query('INSERT INTO ecron_job_active (job_id, execute_id) VALUES (?, ?)', [
          job.jobId,
          holder,
        ]);
        const [first, second] = [await stage.request(job), await stage.request(job)];
        expect(await stage.start([first, second])).toHaveLength(1);
        expect((await stage.executionsOf(job)).map((e) => [e.state, e.reason]).sort()).toEqual([
          ['running', ''],
          ['waiting', 'overlap'],
        ]);
      });
    });
  });
}
