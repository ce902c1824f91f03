import { type Caps, type Execution, type TenantLimit } from '@ecron/domain';
import { ALL, contextOf, FAILED, HOUR, MINUTE, SECOND, SOMEBODY, SUCCEEDED, T0 } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores, STORE_DEFAULTS } from './stores-under-test.js';

const STARTS: TenantLimit = { perTenant: 2, tenants: { 'tenant-many': 70, 'tenant-free': 0 } };
const NONE: Caps = { perTenant: null, tenants: {}, perHost: null };

/** What run store and waiting store must do where a tenant may start so many runs a minute. */
export function startRateConformance(open: OpenStores): void {
  let stage: Stage;
  const openWith = async (own: Partial<Caps>) => {
    stage = await Stage.open(open, { ...STORE_DEFAULTS, caps: { ...NONE, ...own } });
  };
  afterEach(() => stage.close());

  /** Rows of a tenant, each a millisecond older than the next. */
  const insert = async (count: number, own: Partial<Execution> = {}): Promise<string[]> => {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) {
      const at = stage.now - count + n;
      ids.push(await stage.insert({ nominalAt: at, dueAt: at, ...own }));
    }
    return ids;
  };
  const startedOf = async (ids: readonly string[]): Promise<string[]> =>
    (await stage.start(ids)).map((run) => run.executeId);
  const wake = () => stage.stores.waiting.wake(stage.now);
  const taken = async (): Promise<string[]> => (await stage.take()).map((row) => row.executeId);
  const reasonOf = async (executeId = '') => (await stage.execution(executeId)).reason;

  describe('a quota of two starts a minute', () => {
    beforeEach(() => openWith({ starts: STARTS }));

    it('lets the two oldest of a batch start, and the rest wait for that reason, still due', async () => {
      const ids = await insert(4);
      expect((await startedOf([...ids].reverse())).sort()).toEqual(ids.slice(0, 2).sort());
      expect(await stage.execution(ids[2] ?? '')).toMatchObject({
        state: 'waiting',
        reason: 'tenant rate',
        dueAt: stage.now - 2,
        epoch: 0,
      });
    });

    it('starts the rest in the next minutes, oldest first, and lets nobody pass who comes later', async () => {
      const ids = await insert(5);
      await startedOf(ids);
      await wake();
      expect(await taken()).toEqual([]);
      for (const [minute, some] of [ids.slice(2, 4), ids.slice(4)].entries()) {
        stage.clock.set(T0 + (minute + 1) * MINUTE);
        const late = await stage.insert({});
        expect(await startedOf([late])).toEqual([]);
        await stage.stores.executions.cancel(ALL, late, '', SOMEBODY);
        await wake();
        expect((await taken()).sort()).toEqual([...some].sort());
        expect((await startedOf(ids)).sort()).toEqual([...some].sort());
      }
    });

    it('counts starts, whatever becomes of them within the minute', async () => {
      const [one] = await insert(1);
      await stage.record(await stage.startOne(one ?? ''), SUCCEEDED);
      const two = await stage.startOne((await insert(1))[0] ?? '');
      await stage.record(two, FAILED);
      expect(await startedOf(await insert(1))).toEqual([]);
    });

    it('counts each attempt of a run', async () => {
      const [id = ''] = await insert(1);
      await stage.record(await stage.startOne(id), FAILED);
      await startedOf(await insert(1));
      stage.clock.pass(30 * SECOND);
      expect(await startedOf([id])).toEqual([]);
      expect(await reasonOf(id)).toBe('tenant rate');
      stage.clock.pass(30 * SECOND);
      await wake();
      expect(await startedOf([id])).toEqual([id]);
    });

    it('is each tenant’s own, by the number that it has of its own, where 0 frees it', async () => {
      await startedOf(await insert(3));
      const [theirs, many, free] = [
        await insert(2, { tenantId: 'tenant-b' }),
        await insert(5, { tenantId: 'tenant-many' }),
        await insert(5, { tenantId: 'tenant-free' }),
      ];
      expect(await startedOf([...theirs, ...many, ...free])).toHaveLength(12);
    });

    it('is not had twice by a node whose clock is behind', async () => {
      const ids = await insert(4);
      stage.clock.set(T0 + MINUTE);
      expect(await startedOf(ids.slice(0, 2))).toHaveLength(2);
      stage.clock.set(T0 + MINUTE - 1);
      expect(await startedOf(ids.slice(2))).toEqual([]);
    });

    it('makes what waits late, never missed, and keeps it its job', async () => {
      await startedOf(await insert(2));
      const job = await stage.addJob();
      const slot = await stage.claimSlot(job);
      expect(await startedOf([slot])).toEqual([]);
      const next = await stage.claimSlot(job);
      await stage.start([next]);
      expect(await stage.execution(next)).toMatchObject({ state: 'skipped', reason: 'overlap' });
      stage.clock.pass(HOUR);
      await wake();
      expect(await startedOf([slot])).toEqual([slot]);
    });

    it('passes over what was cancelled while it waited', async () => {
      const ids = await insert(4);
      await startedOf(ids);
      await stage.stores.executions.cancel(ALL, ids[2] ?? '', '', SOMEBODY);
      stage.clock.pass(MINUTE);
      await wake();
      expect(await startedOf(ids)).toEqual([ids[3]]);
    });

    it('lets two nodes that start at once start two together', async () => {
      const ids = await insert(20);
      const runs = await Promise.all([
        stage.start(ids.slice(0, 10), 'm-1'),
        stage.start(ids.slice(10), 'm-2'),
      ]);
      expect(runs.flat()).toHaveLength(2);
    });

    it('counts a row once that two nodes want at once', async () => {
      const ids = await insert(1);
      const runs = await Promise.all([stage.start(ids, 'm-1'), stage.start(ids, 'm-2')]);
      expect(runs.flat()).toHaveLength(1);
      expect(await startedOf(await insert(2))).toHaveLength(1);
    });

    it('lets more start than go into one step', async () => {
      const own = { tenantId: 'tenant-many' };
      await startedOf(await insert(70, own));
      const waiting = await insert(80, own);
      expect(await startedOf(waiting)).toEqual([]);
      stage.clock.pass(MINUTE);
      await wake();
      expect(await startedOf(waiting)).toHaveLength(70);
    });

    it('is not lowered or raised by a recount', async () => {
      const [run] = await stage.start(await insert(2));
      if (run === undefined) throw new Error('nothing started');
      await stage.stores.runs.giveBack([{ ...run, cancelReason: null }], stage.now + HOUR);
      await stage.stores.waiting.recountPlaces(stage.now);
      const waiting = await insert(1);
      expect(await startedOf(waiting)).toEqual([]);
      stage.clock.pass(MINUTE);
      await stage.stores.waiting.recountPlaces(stage.now);
      expect(await startedOf([...waiting, ...(await insert(3))])).toHaveLength(2);
    });
  });

  describe('a quota of two starts a minute beside caps of one run', () => {
    it('keeps no place of a cap for what waits for its minute', async () => {
      await openWith({ starts: STARTS, perTenant: 1 });
      const ids = await insert(4);
      const run = await stage.startOne(ids[0] ?? '');
      expect(await startedOf(ids)).toEqual([]);
      await stage.record(run, SUCCEEDED);
      await wake();
      const [second = ''] = await taken();
      expect(second).toBe(ids[1]);
      await stage.record(await stage.startOne(second), SUCCEEDED);
      await wake();
      expect(await taken()).toEqual([]);
      expect(await reasonOf(ids[2])).toBe('tenant rate');
      stage.clock.pass(MINUTE);
      await wake();
      expect(await taken()).toEqual([ids[2]]);
    });

    it('hands over what waits for one after the other, and everything runs in the end', async () => {
      await openWith({ starts: STARTS, perTenant: 2, perHost: 1 });
      const ids: string[] = [];
      for (let n = 0; n < 6; n++)
        ids.push(...(await insert(1, { context: contextOf(`http://host-${n % 2}.test/`) })));
      const done: string[] = [];
      for (let minute = 0; minute < 6; minute++) {
        let runs = await stage.start(ids);
        for (; runs.length > 0; runs = await stage.start(ids)) {
          done.push(...runs.map((run) => run.executeId));
          for (const run of runs) await stage.record(run, SUCCEEDED);
          await wake();
        }
        expect(done.length).toBeLessThanOrEqual(2 * (minute + 1));
        stage.clock.pass(MINUTE);
        await wake();
      }
      expect([...done].sort()).toEqual([...ids].sort());
    });

    it('lets go on whoever still waits when it has been lifted', async () => {
      await openWith({ starts: STARTS });
      const ids = await insert(4);
      await startedOf(ids);
      await stage.stores.query('UPDATE ecron_execution SET tenant_id = ? WHERE execute_id IN (?, ?)', [
        'tenant-free',
        ids[2] ?? '',
        ids[3] ?? '',
      ]);
      stage.clock.pass(MINUTE);
      await stage.stores.waiting.recountPlaces(stage.now);
      expect(await startedOf(ids)).toHaveLength(2);
    });
  });
}
