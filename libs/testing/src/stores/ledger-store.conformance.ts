import { EVERY_SECOND, fateOf, HOUR, HOURLY, MINE, SECOND, SOMEBODY, T0, THEIRS } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

/** What every ledger store must do. */
export function ledgerStoreConformance(open: OpenStores): void {
  describe('the ledger of a job', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    it('is empty for another tenant', async () => {
      const job = await stage.addJob();
      await stage.claimSlot(job);
      const window = [job.jobId, T0 - HOUR, T0 + HOUR] as const;
      expect(await stage.stores.ledger.versions(MINE, ...window)).toHaveLength(1);
      expect(await stage.stores.ledger.versions(THEIRS, ...window)).toEqual([]);
      expect(await stage.stores.ledger.slotRows(MINE, ...window, 10)).not.toEqual([]);
      expect(await stage.stores.ledger.slotRows(THEIRS, ...window, 10)).toEqual([]);
    });

    it('has the versions that were in force in a window, oldest first', async () => {
      const job = await stage.addJob({ beginAt: T0 - HOUR, endAt: T0 + HOUR });
      for (const schedule of [HOURLY, '@every 7s']) {
        stage.clock.pass(10 * SECOND);
        await stage.edit(job, { schedule });
      }
      const versions = async (from: number, to: number) =>
        (await stage.stores.ledger.versions(MINE, job.jobId, T0 + from * SECOND, T0 + to * SECOND)).map(
          (v) => v.version,
        );
      expect(await versions(0, 100)).toEqual([1, 2, 3]);
      // The first version decides up to the instant of the edit, that instant included.
      expect(await versions(10, 11)).toEqual([1, 2]);
      expect(await versions(11, 12)).toEqual([2]);
      expect(await versions(30, 40)).toEqual([3]);
      expect(await versions(-20, -10)).toEqual([]);
      expect(await stage.stores.ledger.versions(MINE, job.jobId, T0, T0 + SECOND)).toEqual([
        {
          version: 1,
          schedule: job.schedule,
          timeZone: 'UTC',
          dst: 'default',
          beginAt: T0 - HOUR,
          endAt: T0 + HOUR,
          enabled: true,
          anchorAt: T0,
          validFrom: T0,
          validTo: T0 + 10 * SECOND,
        },
      ]);
    });

    describe('shows the fates of its slots', () => {
      /** A missed range from 10 to 220 s, then waiting rows every 10 s from 230 to 300 s. */
      const jobWithRange = async () => {
        const job = await stage.addJob();
        stage.clock.pass(300 * SECOND);
        await stage.claim();
        const rows = (from: number, to: number, limit = 100) =>
          stage.stores.ledger.slotRows(MINE, job.jobId, T0 + from * SECOND, T0 + to * SECOND, limit);
        return {
          job,
          rows: async (...window: [number, number, number?]) => (await rows(...window)).map(fateOf),
        };
      };
      const RANGE = ['missed', 'misfire', 10, 220, 22];
      const slot = (s: number) => ['waiting', s === 230 ? 'misfire' : '', s, null, null];

      it('in a window, its end excluded, oldest first', async () => {
        const { rows } = await jobWithRange();
        expect(await rows(240, 270)).toEqual([slot(240), slot(250), slot(260)]);
        expect(await rows(241, 250)).toEqual([]);
      });

      it('with a range that reaches into the window, or lies around it', async () => {
        const { rows } = await jobWithRange();
        expect(await rows(220, 240)).toEqual([RANGE, slot(230)]);
        expect(await rows(50, 60)).toEqual([RANGE]);
        expect(await rows(0, 11)).toEqual([RANGE]);
      });

      it('without a range that ends before the window or begins after it', async () => {
        const { rows } = await jobWithRange();
        expect(await rows(221, 231)).toEqual([slot(230)]);
        expect(await rows(0, 10)).toEqual([]);
      });

      it('as many as may be, the oldest', async () => {
        const { rows } = await jobWithRange();
        expect(await rows(0, 400, 2)).toEqual([RANGE, slot(230)]);
        expect(await rows(235, 400, 2)).toEqual([slot(240), slot(250)]);
      });

      it('without requests and without other jobs, after its deletion too', async () => {
        const { job, rows } = await jobWithRange();
        const before = await rows(0, 400);
        await stage.request(job);
        await stage.addJob({ schedule: EVERY_SECOND });
        expect((await stage.claim()).held).toHaveLength(5);
        await stage.stores.jobs.remove({ allTenants: true }, [job.jobId], SOMEBODY);
        expect((await rows(0, 400)).map((fate) => fate.slice(2))).toEqual(
          before.map((fate) => fate.slice(2)),
        );
      });
    });
  });
}
