import { type Execution, scheduleOf } from '@ecron/domain';
import { type DueJob } from '@ecron/scheduling';
import { HOUR, HOURLY, MINUTE, SECOND, T0 } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

/** Slots that have their rows already, when their jobs are claimed or rewound. */
export function rewindConformance(open: OpenStores): void {
  describe('slots with rows ahead', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const nextSlotOf = async (job: Parameters<Stage['findJob']>[0]) => (await stage.findJob(job))?.nextSlotAt;

    it('gives a range that begins at a slot with a row to the slots behind it', async () => {
      const job = await stage.addJob();
      stage.clock.set(T0 + 25 * SECOND);
      await stage.claim({ until: stage.now });
      await stage.stores.query('UPDATE ecron_job SET next_slot_at = ? WHERE job_id = ?', [
        T0 + 10 * SECOND,
        job.jobId,
      ]);
      stage.clock.set(T0 + HOUR);
      for (let n = 0; n < 4; n++) await stage.claim();
      expect(slotsOf(await stage.executionsOf(job))).toEqual(everyTenSeconds(T0 + 10 * SECOND, T0 + HOUR));
    });

    describe('after a step of the clock back', () => {
      const rewind = (after = '', limit = 100) => {
        const next = (job: DueJob, from: number) => scheduleOf(job).next(from);
        return stage.stores.claims.rewind({ now: stage.now, after, limit, next });
      };

      it('finds jobs at their first slot after now that has no row, its own or that of a range', async () => {
        const job = await stage.addJob();
        stage.clock.pass(HOUR);
        const ahead = await stage.addJob();
        await stage.claim();
        const before = await stage.executionsOf(job);
        stage.clock.set(T0 + 5 * SECOND);
        expect(await rewind()).toBeNull();
        const last = Math.max(...before.map((row) => row.slotTo ?? row.slotAt ?? 0));
        expect(before.length).toBeGreaterThan(1);
        expect([await nextSlotOf(job), await nextSlotOf(ahead)]).toEqual([
          last + 10 * SECOND,
          T0 + 10 * SECOND,
        ]);
        await stage.claim({ until: T0 + 10 * SECOND });
        expect(await stage.executionsOf(job)).toEqual(before);
        expect(await stage.executionsOf(ahead)).toMatchObject([
          { state: 'waiting', slotAt: T0 + 10 * SECOND },
        ]);
      });

      it('leaves no slot without a fate, nor one with two, when an outage follows', async () => {
        const job = await stage.addJob();
        stage.clock.pass(10 * MINUTE);
        await stage.claim();
        stage.clock.set(T0 + 5 * SECOND);
        await rewind();
        stage.clock.set(T0 + HOUR);
        for (let n = 0; n < 3; n++) await stage.claim();
        expect(slotsOf(await stage.executionsOf(job))).toEqual(everyTenSeconds(T0 + 10 * SECOND, T0 + HOUR));
      });

      it('leaves jobs that are due, or due next, and those that never are', async () => {
        const [due, next, off] = [
          await stage.addJob(),
          await stage.addJob({ schedule: HOURLY }),
          await stage.addJob({ enabled: false }),
        ];
        stage.clock.pass(MINUTE);
        await rewind();
        expect([await nextSlotOf(due), await nextSlotOf(next), await nextSlotOf(off)]).toEqual([
          T0 + 10 * SECOND,
          T0 + HOUR,
          null,
        ]);
      });

      it('goes on from page to page', async () => {
        stage.clock.pass(HOUR);
        const jobs = [await stage.addJob(), await stage.addJob(), await stage.addJob()];
        stage.clock.set(T0);
        let pages = 0;
        for (let after: string | null = ''; after !== null; pages++) after = await rewind(after, 2);
        expect(pages).toBe(2);
        for (const job of jobs) expect(await nextSlotOf(job)).toBe(T0 + 10 * SECOND);
      });
    });
  });
}

const everyTenSeconds = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / (10 * SECOND) + 1 }, (_, n) => from + n * 10 * SECOND);

/** Every slot that has a fate, as often as it has one, of a job of every ten seconds. */
const slotsOf = (rows: readonly Execution[]): number[] =>
  rows
    .flatMap(({ slotAt, slotTo }) => everyTenSeconds(slotAt ?? 0, slotTo ?? slotAt ?? 0))
    .filter((slot) => slot <= T0 + HOUR)
    .sort((a, b) => a - b);
