import { type Job } from '@ecron/domain';
import { ACCEPTED, ALL, FAILED, fateOf, HOUR, MINE, SECOND, SOMEBODY, T0, THEIRS } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

/** What every job store must do with a job's executions when it is disabled or deleted. */
export function jobEndConformance(open: OpenStores): void {
  let stage: Stage;
  const use = (): void => {
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());
  };
  const slotsOf = async ({ jobId }: Job) => stage.stores.ledger.slotRows(ALL, jobId, 0, T0 + HOUR, 100);
  const remove = (job: Job, scope = MINE) => stage.stores.jobs.remove(scope, [job.jobId], SOMEBODY);

  describe('disabling a job', () => {
    use();

    it('writes the slots that nobody has claimed as one missed range', async () => {
      const job = await stage.addJob();
      stage.clock.pass(35 * SECOND);
      expect(await stage.edit(job, { enabled: false })).toMatchObject({ nextSlotAt: null, enabled: false });
      expect((await stage.executionsOf(job)).map(fateOf)).toEqual([['missed', 'job disabled', 10, 30, 3]]);
    });

    it('interrupts slots that wait, deletes those ahead, and lets requests go on', async () => {
      const job = await stage.addJob({ schedule: '*/3 * * * * *' });
      await stage.claim();
      const request = await stage.request(job);
      stage.clock.pass(4 * SECOND);
      await stage.edit(job, { enabled: false });
      expect((await slotsOf(job)).map(fateOf)).toEqual([['interrupted', 'job disabled', 3, null, null]]);
      expect((await slotsOf(job))[0]).toMatchObject({ endedAt: stage.now, dueAt: null });
      expect(await stage.stores.waiting.findHeld('analysis-1')).toEqual([]);
      expect(await stage.startOne(request)).toMatchObject({ executeId: request });
    });

    it('interrupts a retry of a slot, which frees the job', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      await stage.record(run, FAILED);
      await stage.edit(job, { enabled: false });
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'interrupted',
        reason: 'job disabled',
      });
      expect(await stage.start([await stage.request(job)])).toHaveLength(1);
    });

    it('and enabling it again begins with the first slot after now', async () => {
      const job = await stage.addJob();
      await stage.edit(job, { enabled: false });
      stage.clock.pass(34 * SECOND);
      expect(await stage.edit(job, { enabled: true })).toMatchObject({ nextSlotAt: T0 + 40 * SECOND });
      expect(await stage.executionsOf(job)).toEqual([]);
    });

    it('touches no other job', async () => {
      const [job, other] = [await stage.addJob(), await stage.addJob()];
      await stage.claimSlot(other);
      await stage.edit(job, { enabled: false });
      expect(await stage.executionsOf(other)).toMatchObject([{ state: 'waiting' }]);
    });
  });

  describe('deleting a job', () => {
    use();

    it('writes the slots that nobody has claimed as one missed range', async () => {
      const job = await stage.addJob();
      stage.clock.pass(35 * SECOND);
      expect(await remove(job)).toEqual([job.jobId]);
      expect(await stage.findJob(job)).toBeUndefined();
      expect((await slotsOf(job)).map(fateOf)).toEqual([['missed', 'job deleted', 10, 30, 3]]);
    });

    it('ends what waits, requests and retries too, and deletes slots that are ahead', async () => {
      const job = await stage.addJob({ schedule: '*/3 * * * * *' });
      await stage.claim();
      stage.clock.pass(4 * SECOND);
      const request = await stage.request(job);
      await remove(job);
      expect((await slotsOf(job)).map(fateOf)).toEqual([['interrupted', 'job deleted', 3, null, null]]);
      expect(await stage.row(request)).toMatchObject({
        state: 'interrupted',
        reason: 'job deleted',
        due_at: null,
      });
    });

    it('ends what waits for a callback', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      await stage.record(run, ACCEPTED);
      await remove(job);
      expect(await stage.row(run.executeId)).toMatchObject({
        state: 'interrupted',
        reason: 'job deleted',
        ended_at: stage.now,
      });
      stage.clock.pass(2 * HOUR);
      expect(await stage.stores.waiting.findOverdueCallbacks(stage.now, 10)).toEqual([]);
    });

    it('marks what runs to be cancelled; it ends when its work has', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      await remove(job);
      expect(await stage.row(run.executeId)).toMatchObject({
        state: 'running',
        cancel_at: stage.now,
        cancel_reason: 'job deleted',
      });
    });

    it('ends the history of its schedule', async () => {
      const job = await stage.addJob();
      stage.clock.pass(SECOND);
      await remove(job);
      expect(await stage.stores.ledger.versions(ALL, job.jobId, 0, T0 + HOUR)).toMatchObject([
        { version: 1, validFrom: T0, validTo: T0 + SECOND },
      ]);
    });

    it('touches neither other jobs nor runs that only name the job', async () => {
      const [job, other] = [await stage.addJob(), await stage.addJob()];
      const adHoc = await stage.request(job, { jobVersion: 0, context: job.context });
      const ofOther = await stage.request(other);
      await remove(job);
      for (const id of [adHoc, ofOther])
        expect(await stage.execution(id)).toMatchObject({ state: 'waiting' });
    });

    it('removes the known ones of many, each once, and says which', async () => {
      const [job, foreign] = [await stage.addJob(), await stage.addJob({ tenantId: 'tenant-b' })];
      const ids = [job.jobId, 'unknown', foreign.jobId, job.jobId];
      expect(await stage.stores.jobs.remove(MINE, ids, SOMEBODY)).toEqual([job.jobId]);
      expect(await stage.findJob(foreign)).toEqual(foreign);
    });

    it('needs the scope of its tenant', async () => {
      const job = await stage.addJob();
      expect(await remove(job, THEIRS)).toEqual([]);
      expect(await remove(job, ALL)).toEqual([job.jobId]);
    });

    it('leaves its name to another', async () => {
      const job = await stage.addJob({ name: 'nightly' });
      await remove(job);
      expect(await stage.stores.jobs.insert({ ...job, jobId: 'another' }, SOMEBODY)).toBe('stored');
    });
  });
}
