import { type Job, scheduleOf } from '@ecron/domain';
import { slotExecuteId } from '@ecron/scheduling';
import { Logger } from '@nestjs/common';
import { EVERY_SECOND, fateOf, HOUR, HOURLY, MINUTE, SECOND, T0 } from './fixtures.js';
import { rewindConformance } from './rewind.conformance.js';
import { Stage } from './stage.js';
import { type OpenStores, STORE_SECRET } from './stores-under-test.js';

/** What every claim store must do. */
export function claimStoreConformance(open: OpenStores): void {
  describe('a claim', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const nextSlotOf = async (job: Parameters<Stage['findJob']>[0]) => (await stage.findJob(job))?.nextSlotAt;

    it('leaves alone what lies beyond the horizon', async () => {
      const job = await stage.addJob();
      expect(await stage.stores.claims.isAnyDue(T0 + 10 * SECOND - 1)).toBe(false);
      expect(await stage.claim()).toEqual({ jobs: 0, held: [] });
      expect(await stage.executionsOf(job)).toEqual([]);
    });

    it('takes a slot that lies exactly on the horizon', async () => {
      await stage.addJob();
      const until = T0 + 10 * SECOND;
      expect(await stage.stores.claims.isAnyDue(until)).toBe(true);
      expect((await stage.claim({ until })).jobs).toBe(1);
    });

    it('writes each slot of the horizon as a waiting row under its own id, and advances the job', async () => {
      const job = await stage.addJob({ schedule: EVERY_SECOND, policy: { retry: { max_attempts: 7 } } });
      const { held } = await stage.claim();
      const slots = [1, 2, 3, 4, 5].map((n) => T0 + n * SECOND);
      const idOf = (slotAt: number) => slotExecuteId(STORE_SECRET, job.jobId, slotAt);
      expect(held).toEqual(slots.map((dueAt) => ({ executeId: idOf(dueAt), tenantId: 'tenant-a', dueAt })));
      const rows = await stage.executionsOf(job);
      expect(rows.map((row) => [row.executeId, row.slotAt, row.dueAt])).toEqual(
        slots.map((at) => [idOf(at), at, at]),
      );
      expect(rows[0]).toMatchObject({
        state: 'waiting',
        reason: '',
        trigger: 'schedule',
        tenantId: 'tenant-a',
        jobName: job.name,
        jobType: 'scheduled',
        jobVersion: 1,
        maxAttempts: 7,
        nominalAt: T0 + SECOND,
        queuedAt: T0,
        epoch: 0,
        attempt: 0,
        context: null,
      });
      expect(await nextSlotOf(job)).toBe(T0 + 6 * SECOND);
    });

    it('holds no more than there is room for, the earliest first; the rest is for anyone', async () => {
      const late = await stage.addJob({ schedule: '5 * * * * *' });
      const early = await stage.addJob({ schedule: '3,4 * * * * *' });
      const { held } = await stage.claim({ room: 2 });
      expect(held.map((row) => row.dueAt)).toEqual([T0 + 3 * SECOND, T0 + 4 * SECOND]);
      expect(await stage.stores.waiting.findHeld('analysis-1')).toHaveLength(2);
      expect((await stage.take({ holder: 'analysis-2' })).map((row) => row.dueAt)).toEqual([T0 + 5 * SECOND]);
      expect(await stage.executionsOf(early)).toHaveLength(2);
      expect(await stage.executionsOf(late)).toHaveLength(1);
    });

    it('takes at most as many jobs as it may, the most urgent first', async () => {
      const late = await stage.addJob({ schedule: '5 * * * * *' });
      const early = await stage.addJob({ schedule: '3 * * * * *' });
      expect((await stage.claim({ limit: 1 })).jobs).toBe(1);
      expect(await nextSlotOf(early)).toBe(T0 + 63 * SECOND);
      expect(await nextSlotOf(late)).toBe(T0 + 5 * SECOND);
    });

    it('gives each slot to one of two that claim at once', async () => {
      const jobs = await Promise.all(
        Array.from({ length: 40 }, () => stage.addJob({ schedule: '5 * * * * *' })),
      );
      const claims = await Promise.all([
        stage.claim({ holder: 'analysis-1', limit: 30 }),
        stage.claim({ holder: 'analysis-2', limit: 30 }),
      ]);
      const ids = claims.flatMap((claim) => claim.held.map((row) => row.executeId));
      expect(ids).toHaveLength(40);
      expect(new Set(ids)).toEqual(
        new Set(jobs.map((job) => slotExecuteId(STORE_SECRET, job.jobId, T0 + 5 * SECOND))),
      );
      expect(claims.map((claim) => claim.jobs).reduce((a, b) => a + b)).toBe(40);
    });

    it('claims more rows than fit into one statement', async () => {
      for (let n = 0; n < 30; n++) await stage.addJob({ schedule: EVERY_SECOND });
      const { jobs, held } = await stage.claim();
      expect([jobs, held.length, new Set(held.map((row) => row.executeId)).size]).toEqual([30, 150, 150]);
    });

    it('never again finds a job that has no slot left', async () => {
      const job = await stage.addJob({ type: 'timed', schedule: new Date(T0 + 2 * SECOND).toISOString() });
      expect((await stage.claim()).held).toHaveLength(1);
      expect(await nextSlotOf(job)).toBeNull();
      stage.clock.pass(HOUR);
      expect((await stage.claim()).jobs).toBe(0);
    });

    it('stops a job whose plan has neither rows nor a next slot, without keeping others from theirs', async () => {
      const broken = await stage.addJob({ schedule: '4 * * * * *' });
      const sound = await stage.addJob({ schedule: '5 * * * * *' });
      const stop = { rows: [], nextSlotAt: null, maxAttempts: 3 };
      const rows = [
        { kind: 'waiting' as const, slotAt: T0 + 5 * SECOND, misfireAt: null, reason: '' as const },
      ];
      await stage.claim({ plan: (job) => (job.jobId === broken.jobId ? stop : { ...stop, rows }) });
      expect(await nextSlotOf(broken)).toBeNull();
      expect(await stage.executionsOf(broken)).toEqual([]);
      expect(await stage.executionsOf(sound)).toHaveLength(1);
    });

    it('sees the job as it is stored', async () => {
      const policy = { dst: 'robfig' as const, misfire: { grace_s: 5 } };
      const window = { beginAt: T0 - HOUR, endAt: T0 + HOUR };
      const job = await stage.addJob({ schedule: '@every 3s', timeZone: 'Europe/Berlin', policy, ...window });
      const seen: object[] = [];
      await stage.claim({
        plan: (due) => {
          seen.push({ ...due });
          return { rows: [], nextSlotAt: scheduleOf(due).next(due.nextSlotAt), maxAttempts: 3 };
        },
      });
      const { jobId, tenantId, name, type, schedule, timeZone, version, anchorAt, nextSlotAt } = job;
      const facts = { jobId, tenantId, name, type, schedule, timeZone, version, anchorAt, nextSlotAt };
      expect(seen).toEqual([{ ...facts, ...window, policy, mode: 'http', dst: 'robfig' }]);
      expect(await nextSlotOf(job)).toBe(T0 + 6 * SECOND);
    });

    it('leaves nothing behind when its plan fails', async () => {
      const job = await stage.addJob({ schedule: '5 * * * * *' });
      const failing = stage.claim({
        plan: () => {
          throw new Error('no plan');
        },
      });
      await expect(failing).rejects.toThrow('no plan');
      expect(await nextSlotOf(job)).toBe(T0 + 5 * SECOND);
      expect(await stage.executionsOf(job)).toEqual([]);
    });

    describe('that finds slots later than their grace', () => {
      it('lets the latest run and writes the rest as one missed range', async () => {
        const job = await stage.addJob();
        stage.clock.pass(5 * MINUTE);
        await stage.claim();
        const rows = await stage.executionsOf(job);
        expect(rows.map(fateOf)).toEqual([
          ['missed', 'misfire', 10, 220, 22],
          ['waiting', 'misfire', 230, null, null],
          ...[240, 250, 260, 270, 280, 290, 300].map((s) => ['waiting', '', s, null, null]),
        ]);
        expect(rows[0]).toMatchObject({ dueAt: null, endedAt: stage.now, slotAt: T0 + 10 * SECOND });
        expect(await nextSlotOf(job)).toBe(T0 + 310 * SECOND);
      });

      it('lets none run that is older than the window', async () => {
        const job = await stage.addJob({ schedule: HOURLY, policy: { misfire: { window_s: 600 } } });
        stage.clock.pass(HOUR + 10 * MINUTE + 1);
        expect((await stage.claim()).held).toEqual([]);
        expect((await stage.executionsOf(job)).map(fateOf)).toEqual([['missed', 'misfire', 3600, 3600, 1]]);
        expect(await nextSlotOf(job)).toBe(T0 + 2 * HOUR);
      });

      it('runs one that lies exactly on the edge of the window, and of the grace', async () => {
        const onWindow = await stage.addJob({ schedule: HOURLY, policy: { misfire: { window_s: 600 } } });
        const onGrace = await stage.addJob({
          schedule: HOURLY,
          policy: { misfire: { grace_s: 600, window_s: 600 } },
        });
        stage.clock.pass(HOUR + 10 * MINUTE);
        await stage.claim();
        expect((await stage.executionsOf(onWindow)).map(fateOf)).toEqual([
          ['waiting', 'misfire', 3600, null, null],
        ]);
        expect((await stage.executionsOf(onGrace)).map(fateOf)).toEqual([['waiting', '', 3600, null, null]]);
      });

      it('leaves a long range to be counted later', async () => {
        const job = await stage.addJob({ schedule: EVERY_SECOND });
        stage.clock.pass(10 * MINUTE);
        await stage.claim();
        expect((await stage.executionsOf(job)).map(fateOf)[0]).toEqual(['missed', 'misfire', 1, 538, null]);
      });
    });

    describe('that comes upon a slot with a row', () => {
      it('leaves the row as it is and does not hold it', async () => {
        const job = await stage.addJob();
        const run = await stage.runSlot(job);
        stage.clock.set(T0);
        await stage.edit(job, { endAt: T0 + HOUR });
        stage.clock.set(T0 + 5 * SECOND);
        expect(await nextSlotOf(job)).toBe(T0 + 10 * SECOND);
        expect(await stage.claim()).toEqual({ jobs: 1, held: [] });
        expect(await stage.execution(run.executeId)).toMatchObject({
          state: 'running',
          epoch: 1,
          jobVersion: 1,
        });
        expect(await nextSlotOf(job)).toBe(T0 + 20 * SECOND);
      });

      it('raises the alarm and gives the slot another id where its own belongs to something else', async () => {
        const [job, other] = [await stage.addJob({ schedule: '5 * * * * *' }), await stage.addJob()];
        const executeId = await forge(job);
        const alarm = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
        stage.clock.pass(5 * SECOND);
        const { jobs, held } = await stage.claim();
        expect(jobs).toBe(2);
        expect(JSON.stringify(alarm.mock.calls)).toContain(executeId);
        alarm.mockRestore();
        const [row] = await stage.executionsOf(job);
        expect(row).toMatchObject({ state: 'waiting', slotAt: T0 + 5 * SECOND });
        expect(held.map((h) => h.executeId)).toContain(row?.executeId);
        expect(await nextSlotOf(job)).toBe(T0 + 65 * SECOND);
        expect(await stage.executionsOf(other)).toHaveLength(1);
        expect(await stage.execution(executeId)).toMatchObject({ jobId: '', state: 'waiting' });
        expect(await stage.start([row?.executeId ?? ''])).toHaveLength(1);
      });

      it('writes no slot twice whose id belongs to something else', async () => {
        const job = await stage.addJob({ schedule: '5 * * * * *' });
        await forge(job);
        const alarm = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
        await stage.claim();
        await stage.stores.query('UPDATE ecron_job SET next_slot_at = ?', [T0 + 5 * SECOND]);
        await stage.claim();
        alarm.mockRestore();
        expect(await stage.executionsOf(job)).toHaveLength(1);
      });

      /** Something else under the id of the job's slot at the fifth second. */
      const forge = async (job: Job): Promise<string> => {
        const executeId = slotExecuteId(STORE_SECRET, job.jobId, T0 + 5 * SECOND);
        const executing = await stage.insert({ context: job.context });
        await stage.stores.query('UPDATE ecron_execution SET execute_id = ? WHERE execute_id = ?', [
          executeId,
          executing,
        ]);
        return executeId;
      };
    });
  });

  rewindConformance(open);
}
