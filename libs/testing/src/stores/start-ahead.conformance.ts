import { type Caps, CLOCKS_APART_MS, type Job, START_AHEAD_MS } from '@ecron/domain';
import { ALL, fateOf, HOURLY, SECOND, SOMEBODY, SUCCEEDED } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores, STORE_DEFAULTS } from './stores-under-test.js';

const FIVE_A_TENANT: Caps = { perTenant: 5, tenants: {}, perHost: null };

/** What every run store and job store must do about rows that are started a little before their slots. */
export function startAheadConformance(open: OpenStores): void {
  describe('a start ahead of the slot', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    /** Writes the job's next slot as a row, at so many milliseconds before it. */
    const claimAhead = async (job: Job, aheadMs: number): Promise<string> => {
      const slotAt = (await stage.findJob(job))?.nextSlotAt ?? 0;
      stage.clock.set(slotAt - aheadMs);
      await stage.claim();
      const row = (await stage.executionsOf(job)).find((execution) => execution.slotAt === slotAt);
      if (row === undefined) throw new Error('the slot has no row');
      return row.executeId;
    };

    it('wins the slot, as begun at its instant', async () => {
      const executeId = await claimAhead(await stage.addJob(), START_AHEAD_MS);
      const slotAt = stage.now + START_AHEAD_MS;
      expect(await stage.startOne(executeId)).toMatchObject({ slotAt, startedAt: slotAt, begunAt: slotAt });
      expect(await stage.execution(executeId)).toMatchObject({
        state: 'running',
        startedAt: slotAt,
        begunAt: slotAt,
      });
    });

    it('leaves what is further ahead', async () => {
      const executeId = await claimAhead(await stage.addJob(), START_AHEAD_MS + CLOCKS_APART_MS + 1);
      expect(await stage.start([executeId])).toEqual([]);
    });

    it('leaves a slot that lies on no whole second', async () => {
      const executeId = await stage.insert({ trigger: 'schedule', dueAt: stage.now + 50 });
      expect(await stage.start([executeId])).toEqual([]);
    });

    it('leaves a request that is due then', async () => {
      const dueAt = stage.now + SECOND;
      const executeId = await stage.insert({ trigger: 'request', dueAt });
      stage.clock.set(dueAt - START_AHEAD_MS);
      expect(await stage.start([executeId])).toEqual([]);
    });

    it('judges no overlap before the slot: the run before may still end', async () => {
      const job = await stage.addJob();
      const first = await stage.runSlot(job);
      const next = await claimAhead(job, START_AHEAD_MS);
      expect(await stage.start([next])).toEqual([]);
      expect(await stage.execution(next)).toMatchObject({ state: 'waiting', reason: '' });
      await stage.record(first, SUCCEEDED);
      expect(await stage.start([next])).toHaveLength(1);
    });

    it('holds no place under a cap before the slot', async () => {
      await stage.close();
      stage = await Stage.open(open, { ...STORE_DEFAULTS, caps: FIVE_A_TENANT });
      const executeId = await claimAhead(await stage.addJob(), START_AHEAD_MS);
      expect(await stage.start([executeId])).toEqual([]);
      stage.clock.pass(START_AHEAD_MS);
      expect(await stage.start([executeId])).toHaveLength(1);
    });

    describe('that an edit finds', () => {
      const passWhile = async <T>(work: Promise<T>, ms: number): Promise<T> => {
        stage.clock.pass(ms);
        return work;
      };

      it('goes on, and the edit comes after its slot', async () => {
        const job = await stage.addJob();
        const executeId = await claimAhead(job, 20);
        await stage.startOne(executeId);
        const slotAt = stage.now + 20;
        const edited = await passWhile(stage.edit(job, { schedule: HOURLY }), 5 * SECOND);
        expect(edited.updatedAt).toBe(slotAt - 20 + 5 * SECOND);
        expect((await stage.executionsOf(job)).map(fateOf)).toContainEqual(
          expect.arrayContaining(['running']),
        );
      });

      it('outlasts the delete of its job no longer than any other run', async () => {
        const job = await stage.addJob();
        const executeId = await claimAhead(job, 20);
        await stage.startOne(executeId);
        await passWhile(stage.stores.jobs.remove(ALL, [job.jobId], SOMEBODY), 5 * SECOND);
        expect(await stage.row(executeId)).toMatchObject({ state: 'running', cancel_reason: 'job deleted' });
      });
    });
  });
}
