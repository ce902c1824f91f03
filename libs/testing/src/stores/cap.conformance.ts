import { type Caps, type Execution, settleNodeLost, resolvePolicy } from '@ecron/domain';
import { type StartedRun } from '@ecron/execution';
import { ACCEPTED, ALL, contextOf, FAILED, HOUR, SECOND, SOMEBODY, SUCCEEDED } from './fixtures.js';
import { hostCapConformance } from './host-cap.conformance.js';
import { Stage } from './stage.js';
import { type OpenStores, STORE_DEFAULTS } from './stores-under-test.js';

const TWO_A_TENANT: Caps = { perTenant: 2, tenants: { 'tenant-many': 70 }, perHost: null };

/** What every run store and waiting store must do where the number of executions is capped. */
export function capConformance(open: OpenStores): void {
  describe('a cap of two executions a tenant', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open, { ...STORE_DEFAULTS, caps: TWO_A_TENANT });
    });
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
    const recount = () => stage.stores.waiting.recountPlaces(stage.now);
    const taken = async (): Promise<string[]> => (await stage.take()).map((row) => row.executeId);
    /** Two runs of tenant-a, and what else there is of it, older first. */
    const fill = async (others: number): Promise<{ runs: [StartedRun, StartedRun]; others: string[] }> => {
      const ids = await insert(2 + others);
      const [first, second] = await stage.start(ids);
      if (first === undefined || second === undefined) throw new Error('the tenant has no places');
      return { runs: [first, second], others: ids.slice(2) };
    };

    it('lets the two oldest of a batch start, and the rest wait for that reason, still due', async () => {
      const ids = await insert(4);
      expect((await startedOf([...ids].reverse())).sort()).toEqual(ids.slice(0, 2).sort());
      expect(await stage.execution(ids[2] ?? '')).toMatchObject({
        state: 'waiting',
        reason: 'tenant cap',
        dueAt: stage.now - 2,
        epoch: 0,
      });
    });

    it('keeps no other tenant waiting', async () => {
      await fill(1);
      const theirs = await insert(2, { tenantId: 'tenant-b' });
      expect(await startedOf(theirs)).toHaveLength(2);
    });

    it('leaves who waits alone: no node takes it or finds it overdue', async () => {
      await fill(2);
      stage.clock.pass(HOUR);
      await recount();
      await wake();
      expect(await stage.take()).toEqual([]);
      expect(await stage.stores.runs.findOverdue(stage.now, 10)).toEqual([]);
      expect(await stage.stores.recovery.findDeparted(stage.now)).toEqual([
        { nodeId: 'management-1', heartbeatAt: 0 },
      ]);
    });

    it('gives a place that is given back to the oldest, which then runs', async () => {
      const { runs, others } = await fill(3);
      await stage.record(runs[0], SUCCEEDED);
      await wake();
      expect(await taken()).toEqual(others.slice(0, 1));
      expect(await stage.execution(others[0] ?? '')).toMatchObject({ state: 'waiting', reason: '' });
      expect(await startedOf(others)).toEqual(others.slice(0, 1));
    });

    it('lets nobody who comes later pass those who wait, before and after they are woken', async () => {
      const { runs, others } = await fill(1);
      await stage.record(runs[0], SUCCEEDED);
      const late = await stage.insert({});
      expect(await startedOf([late])).toEqual([]);
      await wake();
      expect(await startedOf([late])).toEqual([]);
      expect(await taken()).toEqual(others);
      expect(await startedOf(others)).toEqual(others);
    });

    it('is free again for whoever comes when nobody waits any more', async () => {
      const { runs, others } = await fill(1);
      await stage.stores.executions.cancel(ALL, others[0] ?? '', '', SOMEBODY);
      await stage.record(runs[0], SUCCEEDED);
      await wake();
      expect(await startedOf([await stage.insert({})])).toHaveLength(1);
      expect(await startedOf([await stage.insert({})])).toEqual([]);
    });

    it('counts no retry that waits for its time, which needs a place anew', async () => {
      const { runs, others } = await fill(1);
      await stage.record(runs[0], FAILED);
      await wake();
      expect(await startedOf(others)).toEqual(others);
      stage.clock.pass(HOUR);
      expect(await startedOf([runs[0].executeId])).toEqual([]);
      expect(await stage.execution(runs[0].executeId)).toMatchObject({ reason: 'tenant cap', attempt: 1 });
    });

    describe('counts what its target has accepted, until', () => {
      const fillAccepted = async () => {
        const { runs, others } = await fill(1);
        await stage.record(runs[0], ACCEPTED);
        await wake();
        expect(await stage.take()).toEqual([]);
        return { accepted: runs[0], others };
      };

      it('its callback comes', async () => {
        const { accepted, others } = await fillAccepted();
        await stage.stores.executions.completeByCallback(ALL, accepted.executeId, '{}', SOMEBODY);
        await wake();
        expect(await taken()).toEqual(others);
      });

      it('it is cancelled', async () => {
        const { accepted, others } = await fillAccepted();
        await stage.stores.executions.cancel(ALL, accepted.executeId, '', SOMEBODY);
        await wake();
        expect(await taken()).toEqual(others);
      });

      it('no callback has come in time', async () => {
        const { others } = await fillAccepted();
        stage.clock.pass(HOUR);
        const [overdue] = await stage.stores.waiting.findOverdueCallbacks(stage.now, 1);
        if (overdue === undefined) throw new Error('no callback is overdue');
        const end = {
          state: 'abandoned',
          reason: 'callback timeout',
          endedAt: stage.now,
          dueAt: null,
        } as const;
        await stage.stores.waiting.settleAccepted(overdue, { ...end, error: '', attempts: [] });
        await wake();
        expect(await taken()).toEqual(others);
      });
    });

    it('is recounted when a run was cut with its node', async () => {
      const { runs, others } = await fill(1);
      const orphans = await stage.stores.recovery.findOrphans({ only: ['management-1'] }, 10);
      const policy = resolvePolicy({}, 'http', STORE_DEFAULTS);
      await stage.stores.recovery.settleOrphans(
        orphans.map((run) => ({ run, settlement: settleNodeLost(run, policy, stage.now) })),
      );
      await recount();
      expect((await taken()).sort()).toEqual([...others, ...runs.map((run) => run.executeId)].sort());
      expect(await startedOf(others)).toEqual(others);
    });

    it('is recounted when a node gives back what it knows nothing of', async () => {
      const { runs, others } = await fill(1);
      await stage.stores.runs.giveBack([{ ...runs[0], cancelReason: null }], stage.now + HOUR);
      await recount();
      expect(await taken()).toEqual(others);
    });

    it('is recounted when the place was kept for a run that is cancelled instead', async () => {
      const { runs, others } = await fill(2);
      await stage.record(runs[0], SUCCEEDED);
      await wake();
      await stage.stores.executions.cancel(ALL, others[0] ?? '', '', SOMEBODY);
      await wake();
      expect((await taken()).filter((id) => id !== others[0])).toEqual([others[1]]);
    });

    it('is not given back twice by a record that comes too late', async () => {
      const { runs, others } = await fill(1);
      await stage.stores.runs.giveBack([{ ...runs[0], cancelReason: null }], stage.now);
      await recount();
      await startedOf(others);
      await stage.record(runs[1], SUCCEEDED);
      await wake();
      const [again] = await stage.start([runs[0].executeId]);
      expect(again).toMatchObject({ epoch: 2 });
      await stage.record(runs[0], SUCCEEDED);
      expect(await startedOf([await stage.insert({})])).toEqual([]);
    });

    it('does not hold up what lives on and is to be attached to again', async () => {
      const { runs } = await fill(0);
      const policy = { ...resolvePolicy({}, 'http', STORE_DEFAULTS), nodeLost: 're-attach' as const };
      const [orphan] = await stage.stores.recovery.findOrphans({ only: ['management-1'] }, 1);
      if (orphan === undefined) throw new Error('nothing was running');
      const settlement = settleNodeLost(orphan, policy, stage.now);
      await stage.stores.recovery.settleOrphans([{ run: orphan, settlement }]);
      await recount();
      expect(await startedOf([await stage.insert({})])).toHaveLength(1);
      expect(await startedOf([orphan.executeId])).toEqual([orphan.executeId]);
      expect(runs).toHaveLength(2);
    });

    it('keeps a run its job while it waits: later slots are skipped, and it is late, never missed', async () => {
      await fill(0);
      const job = await stage.addJob();
      const slot = await stage.claimSlot(job);
      expect(await startedOf([slot])).toEqual([]);
      const next = await stage.claimSlot(job);
      await stage.start([next]);
      expect(await stage.execution(next)).toMatchObject({ state: 'skipped', reason: 'overlap' });
      stage.clock.pass(HOUR);
      const running = await stage.stores.runs.findRunning('management-1');
      for (const { executeId } of running)
        await stage.stores.executions.completeByCallback(ALL, executeId, '{}', SOMEBODY);
      await wake();
      expect(await startedOf([slot])).toEqual([slot]);
    });

    it('lets two nodes that start at once have two together', async () => {
      const ids = await insert(20);
      const runs = await Promise.all([
        stage.start(ids.slice(0, 10), 'm-1'),
        stage.start(ids.slice(10), 'm-2'),
      ]);
      expect(runs.flat()).toHaveLength(2);
    });

    it('gives a row that two nodes want at once one place', async () => {
      const ids = await insert(1);
      const runs = await Promise.all([stage.start(ids, 'm-1'), stage.start(ids, 'm-2')]);
      expect(runs.flat()).toHaveLength(1);
      expect(await startedOf(await insert(2))).toHaveLength(1);
    });

    it('gives places to more rows than go into one step', async () => {
      const own = { tenantId: 'tenant-many' };
      const runs = await stage.start(await insert(70, own));
      const waiting = await insert(80, own);
      expect(await startedOf(waiting)).toEqual([]);
      await stage.stores.runs.record(runs.map((run) => stage.toRecord(run, SUCCEEDED)));
      await wake();
      expect(await taken()).toEqual(waiting.slice(0, 70));
      expect(await startedOf(waiting)).toHaveLength(70);
    });
  });

  describe('without caps', () => {
    it('nothing is counted, and who waits for a cap that was lifted goes on', async () => {
      const stage = await Stage.open(open);
      const run = await stage.startOne(await stage.insert({ context: contextOf('http://target.test/') }));
      await stage.record(run, SUCCEEDED);
      expect(await stage.stores.query('SELECT * FROM ecron_cap', [])).toEqual([]);
      expect(await stage.stores.query('SELECT * FROM ecron_cap_place', [])).toEqual([]);
      const left = await stage.insert({});
      await stage.stores.query('UPDATE ecron_execution SET holder = ? WHERE execute_id = ?', ['~told', left]);
      await stage.stores.query(
        `INSERT INTO ecron_cap (cap_key, used, cap_limit, queued) VALUES ('~t', 0, 1, 1)`,
        [],
      );
      stage.clock.pass(SECOND);
      await stage.stores.waiting.recountPlaces(stage.now);
      expect(await stage.take()).toMatchObject([{ executeId: left }]);
      await stage.close();
    });
  });

  hostCapConformance(open);
}
