import { type Job } from '@ecron/domain';
import {
  ACCEPTED,
  ALL,
  contextOf,
  EDITOR,
  FAILED,
  fateOf,
  HOUR,
  HOURLY,
  INTERRUPTED,
  MINE,
  MINUTE,
  SECOND,
  T0,
  THEIRS,
} from './fixtures.js';
import { jobEndConformance } from './job-end.conformance.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

/** What every job store must do when jobs are edited. */
export function jobEditConformance(open: OpenStores): void {
  jobEndConformance(open);

  describe('an edit', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const fatesOf = async (job: Job) => (await stage.executionsOf(job)).map(fateOf);
    const versionsOf = (job: Job) => stage.stores.ledger.versions(ALL, job.jobId, 0, T0 + 10 * HOUR);

    it('writes the whole new definition, raises the version, and answers both', async () => {
      const job = await stage.addJob();
      stage.clock.pass(SECOND);
      const changes = {
        name: 'renamed',
        type: 'timed' as const,
        schedule: HOURLY,
        timeZone: 'Asia/Tokyo',
        context: contextOf('http://other.test/'),
        policy: { timeout_s: 5 },
        beginAt: T0 - HOUR,
        endAt: T0 + 5 * HOUR,
        remarks: 'why',
      };
      const edited = await stage.edit(job, changes);
      const seconds = { anchorAt: T0 + SECOND, updatedAt: T0 + SECOND, createdAt: T0 };
      expect(edited).toEqual({ ...job, ...changes, ...seconds, version: 2, nextSlotAt: T0 + HOUR });
      expect(await stage.findJob(job)).toEqual(edited);
    });

    it('settles what has come due under the old definition, and goes on under the new one', async () => {
      const job = await stage.addJob();
      stage.clock.pass(30 * SECOND);
      const edited = await stage.edit(job, { schedule: HOURLY });
      expect(await fatesOf(job)).toEqual([10, 20, 30].map((s) => ['waiting', '', s, null, null]));
      expect((await stage.executionsOf(job)).map((row) => row.jobVersion)).toEqual([1, 1, 1]);
      expect(edited.nextSlotAt).toBe(T0 + HOUR);
    });

    it('settles by the misfire policy what is later than its grace', async () => {
      const job = await stage.addJob();
      stage.clock.pass(2 * MINUTE);
      await stage.edit(job, { schedule: HOURLY });
      expect(await fatesOf(job)).toEqual([
        ['missed', 'misfire', 10, 40, 4],
        ['waiting', 'misfire', 50, null, null],
        ...[60, 70, 80, 90, 100, 110, 120].map((s) => ['waiting', '', s, null, null]),
      ]);
    });

    it('deletes rows of slots that are still ahead, so that the new definition decides', async () => {
      const job = await stage.addJob({ schedule: '3,4 * * * * *' });
      await stage.claim();
      stage.clock.pass(3 * SECOND);
      const edited = await stage.edit(job, { schedule: '5 * * * * *' });
      expect(await fatesOf(job)).toEqual([['waiting', '', 3, null, null]]);
      expect(edited.nextSlotAt).toBe(T0 + 5 * SECOND);
      await stage.claim();
      expect((await stage.executionsOf(job)).map((row) => [row.nominalAt - T0, row.jobVersion])).toEqual([
        [3 * SECOND, 1],
        [5 * SECOND, 2],
      ]);
    });

    it('leaves alone what has started, its retry, and what was asked for', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      await stage.record(run, FAILED);
      const request = await stage.request(job, { dueAt: T0 + HOUR, nominalAt: T0 + HOUR });
      await stage.edit(job, { schedule: HOURLY });
      expect(await stage.execution(run.executeId)).toMatchObject({ state: 'waiting', reason: 'retry' });
      expect(await stage.execution(request)).toMatchObject({ state: 'waiting', reason: '' });
    });

    it('leaves a retry alone though its slot is ahead, the clock having been set back', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      await stage.record(run, FAILED);
      stage.clock.set(T0);
      await stage.edit(job, { schedule: HOURLY });
      expect(await stage.execution(run.executeId)).toMatchObject({ state: 'waiting', reason: 'retry' });
    });

    it.each<[string, Partial<Job>]>([
      ['name', { name: 'renamed' }],
      ['remarks', { remarks: 'why' }],
      ['what is run', { context: contextOf('http://other.test/') }],
    ])('of the %s alone touches neither rows nor the next slot', async (_, changes) => {
      const job = await stage.addJob();
      stage.clock.pass(5 * SECOND);
      await stage.claim();
      const before = await stage.executionsOf(job);
      stage.clock.pass(2 * SECOND);
      const edited = await stage.edit(job, { ...changes, nextSlotAt: null });
      expect(edited).toMatchObject({ version: 2, nextSlotAt: T0 + 20 * SECOND, anchorAt: T0 });
      expect(await stage.executionsOf(job)).toEqual(before);
      expect(await stage.stores.waiting.findHeld('analysis-1')).toHaveLength(1);
    });

    it('moves what @every counts from with the schedule, the zone or enabling, and with nothing else', async () => {
      const job = await stage.addJob({ schedule: '@every 1h' });
      stage.clock.pass(MINUTE + 250);
      expect(await stage.edit(job, { policy: { timeout_s: 5 } })).toMatchObject({
        anchorAt: T0,
        nextSlotAt: T0 + HOUR,
      });
      const moved = { anchorAt: T0 + MINUTE, nextSlotAt: T0 + MINUTE + HOUR };
      expect(await stage.edit(job, { timeZone: 'Asia/Tokyo' })).toMatchObject(moved);
      stage.clock.pass(MINUTE);
      expect(await stage.edit(job, { enabled: false })).toMatchObject({ nextSlotAt: null });
      stage.clock.pass(MINUTE);
      expect(await stage.edit(job, { enabled: true })).toMatchObject({ anchorAt: T0 + 3 * MINUTE });
    });

    it('keeps the history of the schedule, each version until the next', async () => {
      const job = await stage.addJob();
      stage.clock.pass(SECOND);
      await stage.edit(job, { schedule: HOURLY, policy: { dst: 'robfig' } });
      stage.clock.pass(SECOND);
      await stage.edit(job, { enabled: false });
      expect(await versionsOf(job)).toMatchObject([
        {
          version: 1,
          schedule: '*/10 * * * * *',
          dst: 'default',
          validFrom: T0,
          validTo: T0 + SECOND,
          enabled: true,
        },
        { version: 2, schedule: HOURLY, dst: 'robfig', validFrom: T0 + SECOND, validTo: T0 + 2 * SECOND },
        { version: 3, enabled: false, validFrom: T0 + 2 * SECOND, validTo: null },
      ]);
    });

    it('of one job comes after another of the same job, and sees what that wrote', async () => {
      const job = await stage.addJob();
      const append = (text: string) =>
        stage.stores.jobs.edit(
          MINE,
          [job.jobId],
          (current) => ({
            ...current,
            remarks: current.remarks + text,
          }),
          EDITOR,
        );
      await Promise.all([append('a'), append('b'), append('c')]);
      const edited = await stage.findJob(job);
      expect([edited?.version, [...(edited?.remarks ?? '')].sort()]).toEqual([4, ['a', 'b', 'c']]);
    });

    describe('of several jobs', () => {
      const rename = (jobs: readonly Job[], name: (job: Job) => string, scope = MINE) =>
        stage.stores.jobs.edit(
          scope,
          jobs.map((job) => job.jobId),
          (job) => ({ ...job, name: name(job) }),
          EDITOR,
        );
      const namesOf = async (jobs: readonly Job[]) =>
        Promise.all(jobs.map(async (job) => (await stage.findJob(job))?.name));

      it('changes each once, however often it is named', async () => {
        const jobs = [await stage.addJob(), await stage.addJob()];
        const result = await rename([...jobs, ...jobs], (job) => `new ${job.jobId}`);
        expect(result).toMatchObject({ kind: 'edited', jobs: [{ version: 2 }, { version: 2 }] });
        expect(await namesOf(jobs)).toEqual(jobs.map((job) => `new ${job.jobId}`));
      });

      it.each<[string, (job: Job) => Promise<unknown>]>([
        ['one is unknown', (job) => rename([job, { ...job, jobId: 'unknown' }], () => 'new')],
        [
          "one is another tenant's",
          async (job) => rename([job, await stage.addJob({ tenantId: 'tenant-b' })], () => 'new'),
        ],
        ['they would share a name', async (job) => rename([job, await stage.addJob()], () => 'new')],
      ])('changes none when %s', async (_, edit) => {
        const job = await stage.addJob();
        expect(await edit(job)).not.toMatchObject({ kind: 'edited' });
        expect(await stage.findJob(job)).toEqual(job);
        expect(await versionsOf(job)).toHaveLength(1);
      });

      it('changes none when the change of one is refused', async () => {
        const jobs = [await stage.addJob(), await stage.addJob()];
        let changed = 0;
        const refusing = rename(jobs, (job) => {
          if (++changed === 2) throw new Error('refused');
          return `new ${job.jobId}`;
        });
        await expect(refusing).rejects.toThrow('refused');
        expect(await namesOf(jobs)).toEqual(jobs.map((job) => job.name));
      });

      it('sees no job of another tenant, unless it may see all', async () => {
        const job = await stage.addJob();
        expect(await rename([job], () => 'new', THEIRS)).toEqual({ kind: 'unknown' });
        expect(await rename([job], () => 'new', ALL)).toMatchObject({ kind: 'edited' });
      });
    });

    it('that disables keeps running what runs, and what the target accepted', async () => {
      const [job, other] = [await stage.addJob(), await stage.addJob()];
      const running = await stage.runSlot(job);
      const accepted = await stage.startOne(await stage.request(other));
      await stage.record(accepted, ACCEPTED);
      for (const one of [job, other]) await stage.edit(one, { enabled: false });
      expect(await stage.execution(running.executeId)).toMatchObject({ state: 'running', cancelAt: null });
      expect(await stage.execution(accepted.executeId)).toMatchObject({ state: 'accepted' });
      await stage.record(running, INTERRUPTED);
      expect(await stage.execution(running.executeId)).toMatchObject({
        state: 'interrupted',
        reason: 'cancelled',
      });
    });
  });
}
