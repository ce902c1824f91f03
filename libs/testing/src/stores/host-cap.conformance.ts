import { type Execution } from '@ecron/domain';
import { ALL, contextOf, SUCCEEDED } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores, STORE_DEFAULTS } from './stores-under-test.js';

const BUSY = contextOf('http://busy.test/a');

/** What every run store and waiting store must do where the executions towards one host are capped. */
export function hostCapConformance(open: OpenStores): void {
  describe('a cap of one execution a host and three a tenant', () => {
    let stage: Stage;
    beforeEach(async () => {
      const caps = { perTenant: 3, tenants: { 'tenant-one': 1 }, perHost: 1 };
      stage = await Stage.open(open, { ...STORE_DEFAULTS, caps });
    });
    afterEach(() => stage.close());

    const insert = (at: number, own: Partial<Execution> = {}) =>
      stage.insert({ context: BUSY, nominalAt: stage.now + at, dueAt: stage.now + at, ...own });
    const reasonOf = async (executeId: string) => (await stage.execution(executeId)).reason;
    const wake = () => stage.stores.waiting.wake(stage.now);

    it('counts by the host whatever the port and the path, and leaves other hosts alone', async () => {
      await stage.startOne(await insert(-3));
      const same = await insert(-2, { context: contextOf('https://BUSY.test:8443/b') });
      const other = await insert(-1, { context: contextOf('http://idle.test/') });
      expect((await stage.start([same, other])).map((run) => run.executeId)).toEqual([other]);
      expect(await reasonOf(same)).toBe('host cap');
    });

    it('goes by the job where the run has no context of its own', async () => {
      await stage.startOne(await insert(-3));
      const request = await stage.request(await stage.addJob({ context: BUSY }));
      expect(await stage.start([request])).toEqual([]);
      expect(await reasonOf(request)).toBe('host cap');
    });

    it('counts for no host, and holds up no other, a run whose context cannot be read', async () => {
      const ids = [await insert(-2), await insert(-1)];
      await stage.stores.query('UPDATE ecron_execution SET context = ? WHERE execute_id = ?', [
        '{',
        ids[0] ?? '',
      ]);
      expect(await stage.start(ids)).toHaveLength(2);
    });

    it('lets tenants have its places in turn, each its oldest first', async () => {
      let run = await stage.startOne(await insert(-20));
      const mine = [await insert(-9), await insert(-8), await insert(-7)];
      const theirs = [await insert(-2, { tenantId: 'tenant-b' }), await insert(-1, { tenantId: 'tenant-b' })];
      await stage.start([...mine, ...theirs]);
      const order: string[] = [];
      for (let n = 0; n < 5; n++) {
        await stage.record(run, SUCCEEDED);
        await wake();
        const [next, ...more] = await stage.take();
        expect(more).toEqual([]);
        run = await stage.startOne(next?.executeId ?? '');
        order.push(run.executeId);
      }
      expect(order.filter((id) => mine.includes(id))).toEqual(mine);
      expect(order.filter((id) => theirs.includes(id))).toEqual(theirs);
      // Whoever is first, they alternate until one has nothing left.
      expect(order.slice(0, 4).filter((id) => theirs.includes(id))).toHaveLength(2);
      expect(order.slice(0, 2).filter((id) => theirs.includes(id))).toHaveLength(1);
    });

    it('sends on to its own queue who has waited for the tenant and then finds the host full', async () => {
      const own = { tenantId: 'tenant-one' };
      const idle = await stage.startOne(
        await insert(-9, { ...own, context: contextOf('http://idle.test/') }),
      );
      const busy = await stage.startOne(await insert(-8));
      const waiting = await insert(-7, own);
      await stage.start([waiting]);
      expect(await reasonOf(waiting)).toBe('tenant cap');
      await stage.record(idle, SUCCEEDED);
      await wake();
      expect(await reasonOf(waiting)).toBe('host cap');
      expect(await stage.take()).toEqual([]);
      await stage.record(busy, SUCCEEDED);
      await wake();
      expect(await stage.take()).toMatchObject([{ executeId: waiting }]);
      await stage.startOne(waiting);
    });

    it('holds while nodes start, record and hand over at once, and everything runs in the end', async () => {
      const tenants = ['tenant-a', 'tenant-b', 'tenant-one'];
      const hosts = ['busy.test', 'idle.test'];
      const ids: string[] = [];
      for (let n = 0; n < 24; n++) {
        const context = contextOf(`http://${hosts[n % 2]}/${n}`);
        ids.push(await insert(-n, { tenantId: tenants[n % 3] ?? '', context }));
      }
      const most = { hosts: 0, one: 0 };
      let left = ids.length;
      const workers = ['m-1', 'm-2', 'm-3'].map(async (node, w) => {
        while (left > 0) {
          const runs = await stage.start([...ids.slice(w * 8), ...ids.slice(0, w * 8)], node);
          const running = await stage.stores.executions.list(ALL, { states: ['running'], limit: 100 });
          most.hosts = Math.max(most.hosts, running.length);
          most.one = Math.max(most.one, running.filter((run) => run.tenantId === 'tenant-one').length);
          await stage.stores.runs.record(runs.map((run) => stage.toRecord(run, SUCCEEDED)));
          left -= runs.length;
          await wake();
        }
      });
      await Promise.all(workers);
      expect(most).toEqual({ hosts: 2, one: 1 });
      expect(await stage.stores.executions.list(ALL, { states: ['succeeded'], limit: 100 })).toHaveLength(24);
      const used = await stage.stores.query('SELECT SUM(used) AS used FROM ecron_cap', []);
      expect(Number(used[0]?.['used'])).toBe(0);
    }, 30_000);

    it('comes to an end where two wait, each at the head of the queue that the other needs too', async () => {
      const elsewhere = (n: number) => ({ context: contextOf(`http://idle-${n}.test/`) });
      const busy = await stage.startOne(await insert(-9, { tenantId: 'tenant-b' }));
      const idle = await stage.startOne(await insert(-8, elsewhere(1)));
      const forHost = await insert(-7);
      await stage.start([forHost]);
      await stage.start([await insert(-6, elsewhere(2)), await insert(-5, elsewhere(3))]);
      const forTenant = await insert(-4);
      await stage.start([forTenant]);
      expect([await reasonOf(forHost), await reasonOf(forTenant)]).toEqual(['host cap', 'tenant cap']);
      for (const run of [busy, idle]) await stage.record(run, SUCCEEDED);
      await wake();
      expect(await stage.take()).toHaveLength(1);
    });

    it('takes no place of the tenant for what waits for the host', async () => {
      await stage.startOne(await insert(-9));
      const waiting = [await insert(-8), await insert(-7), await insert(-6)];
      await stage.start(waiting);
      const others = [1, 2, 3].map((n) => insert(-n, { context: contextOf(`http://idle-${n}.test/`) }));
      expect(await stage.start(await Promise.all(others))).toHaveLength(2);
    });
  });
}
