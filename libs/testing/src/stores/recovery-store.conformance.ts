import { type NodeRole } from '@ecron/nodes';
import { type OrphanedRun, takeOver } from '@ecron/scheduling';
import { ACCEPTED, ALL, contextOf, FAILED, SECOND, SOMEBODY, SUCCEEDED, T0 } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores, STORE_DEFAULTS } from './stores-under-test.js';

/** What every recovery store must do, by itself and under `takeOver`. */
export function recoveryStoreConformance(open: OpenStores): void {
  describe('taking over from dead nodes', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const recover = (...living: string[]) =>
      takeOver(stage.stores.recovery, stage.clock, STORE_DEFAULTS, living);
    const beat = (nodeId: string, role: NodeRole) =>
      stage.stores.nodes.beat(
        { nodeId, name: nodeId, role, capacity: 10, version: '' },
        { now: stage.now, holdUntil: stage.now + 2_000, free: 0, skewMs: 0 },
      );

    it('retries at once what they ran, counts the attempt, and keeps the job', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      stage.clock.pass(SECOND);
      expect(await recover()).toBe(1);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'waiting',
        reason: 'node lost',
        attempt: 1,
        epoch: 1,
        dueAt: stage.now,
        attempts: [{ attempt: 1, node_id: 'management-1', outcome: 'node_lost', ended_at: stage.now }],
      });
      expect(await stage.start([await stage.request(job)])).toEqual([]);
      expect((await stage.take()).map((row) => row.executeId)).toEqual([run.executeId]);
      expect(await stage.startOne(run.executeId, 'management-2')).toMatchObject({ epoch: 2, attempt: 2 });
      expect(await stage.record(run, SUCCEEDED)).toEqual([]);
    });

    it('interrupts the last attempt, and frees the job', async () => {
      const job = await stage.addJob({ policy: { retry: { max_attempts: 1 } } });
      const run = await stage.runSlot(job);
      await recover();
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'interrupted',
        reason: 'node lost',
        endedAt: stage.now,
        dueAt: null,
      });
      expect(await stage.start([await stage.request(job)])).toHaveLength(1);
    });

    it('interrupts a command, the job its own or the run only', async () => {
      const command = { ...contextOf('/bin/true'), mode: 'exe' as const };
      const job = await stage.addJob({ context: command });
      const ids = [await stage.request(job), await stage.insert({ context: command })];
      await stage.start(ids);
      expect(await recover()).toBe(2);
      for (const id of ids)
        expect(await stage.execution(id)).toMatchObject({ state: 'interrupted', reason: 'node lost' });
    });

    it('leaves a command in a cluster to be found again: the same attempt, a new epoch, its last one too', async () => {
      const command = { ...contextOf('/bin/true'), mode: 'exe' as const };
      const context = { ...command, info: { ...command.info, kubernetes: { image: 'tool' } } };
      const job = await stage.addJob({ context, policy: { retry: { max_attempts: 1 } } });
      const ids = [await stage.request(job), await stage.insert({ context })];
      await stage.start(ids);
      expect(await recover()).toBe(2);
      for (const id of ids) {
        expect(await stage.execution(id)).toMatchObject({
          state: 'waiting',
          reason: 're-attach',
          attempt: 0,
        });
        expect(await stage.startOne(id, 'management-2')).toMatchObject({
          epoch: 2,
          attempt: 1,
          attempts: [{ attempt: 1, outcome: 'node_lost' }],
        });
      }
    });

    it('interrupts what was to be cancelled, for the reason it was', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      await stage.stores.jobs.remove(ALL, [job.jobId], SOMEBODY);
      await recover();
      expect(await stage.row(run.executeId)).toMatchObject({
        state: 'interrupted',
        reason: 'job deleted',
        due_at: null,
      });
    });

    it('leaves alone what living nodes run, and what no node does', async () => {
      const living = await stage.startOne(await stage.insert({}), 'management-2');
      const accepted = await stage.startOne(await stage.insert({}));
      await stage.record(accepted, ACCEPTED);
      const retried = await stage.startOne(await stage.insert({}));
      await stage.record(retried, FAILED);
      expect(await recover('management-2')).toBe(0);
      const states = await Promise.all(
        [living, accepted, retried].map((run) => stage.execution(run.executeId)),
      );
      expect(states.map((e) => e.state)).toEqual(['running', 'accepted', 'waiting']);
    });

    it('is kept from nothing by a run whose context cannot be read', async () => {
      const ids = [await stage.insert({ context: contextOf('http://target.test/') }), await stage.insert({})];
      await stage.stores.query('UPDATE ecron_execution SET context = ? WHERE execute_id = ?', [
        '{',
        ids[0] ?? '',
      ]);
      await stage.start(ids);
      expect(await recover()).toBe(2);
      for (const id of ids) expect(await stage.execution(id)).toMatchObject({ state: 'waiting' });
    });

    it('settles more runs than one step takes, each once', async () => {
      const ids = await Promise.all(Array.from({ length: 300 }, () => stage.insert({})));
      await stage.start(ids.slice(0, 150));
      await stage.start(ids.slice(150));
      expect(await recover()).toBe(300);
      expect(await recover()).toBe(0);
      expect(await stage.start(ids)).toHaveLength(300);
    });

    it('settles nothing that has moved on since it was found', async () => {
      const run = await stage.runSlot(await stage.addJob());
      const [orphan] = await stage.stores.recovery.findOrphans({ allBut: [] }, 10);
      await stage.record(run, SUCCEEDED);
      const { settlement } = stage.toRecord(run, FAILED);
      await stage.stores.recovery.settleOrphans([{ run: orphan as OrphanedRun, settlement }]);
      expect(await stage.execution(run.executeId)).toMatchObject({ state: 'succeeded' });
    });

    it('settles nothing that another node has started since it was found', async () => {
      const run = await stage.runSlot(await stage.addJob());
      const [orphan] = await stage.stores.recovery.findOrphans({ allBut: [] }, 10);
      await stage.stores.runs.giveBack([{ ...run, cancelReason: null }], stage.now);
      await stage.startOne(run.executeId, 'management-2');
      const { settlement } = stage.toRecord(run, FAILED);
      await stage.stores.recovery.settleOrphans([{ run: orphan as OrphanedRun, settlement }]);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'running',
        nodeId: 'management-2',
      });
    });

    it('frees what dead nodes held and forgets them, not the living', async () => {
      await beat('analysis-1', 'analysis');
      await beat('analysis-2', 'analysis');
      await stage.insert({});
      await stage.take({ holder: 'analysis-1' });
      await stage.insert({});
      await stage.take({ holder: 'analysis-2' });
      await recover('analysis-2');
      expect(await stage.stores.waiting.findHeld('analysis-1')).toEqual([]);
      expect(await stage.stores.waiting.findHeld('analysis-2')).toHaveLength(1);
      expect(await stage.take({ holder: 'analysis-2' })).toHaveLength(1);
      stage.clock.pass(10 * SECOND);
      expect(await stage.stores.nodes.lapsedHolders(stage.now)).toEqual(['analysis-2']);
    });

    it('keeps slots that were written ahead', async () => {
      const job = await stage.addJob();
      await stage.claim({ until: T0 + 10 * SECOND });
      await recover();
      expect(await stage.take({ until: T0 + 10 * SECOND })).toHaveLength(1);
      expect(await stage.executionsOf(job)).toHaveLength(1);
    });

    describe('found dead one by one', () => {
      const departed = async () => {
        const found = await stage.stores.recovery.findDeparted(stage.now);
        return found.sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
      };

      it('are those whose heartbeat has lapsed, lies far ahead, or says that they have left', async () => {
        await beat('m1', 'management');
        await beat('left', 'analysis');
        await stage.stores.nodes.leave('left');
        stage.clock.pass(60 * SECOND);
        await beat('ahead', 'management');
        stage.clock.set(T0 + 15 * SECOND - 1);
        await beat('m2', 'management');
        expect(await departed()).toEqual([
          { nodeId: 'ahead', heartbeatAt: T0 + 60 * SECOND },
          { nodeId: 'left', heartbeatAt: 0 },
        ]);
        stage.clock.pass(1);
        expect(await departed()).toContainEqual({ nodeId: 'm1', heartbeatAt: T0 });
      });

      it('are also holders of rows that are no nodes', async () => {
        await beat('management-1', 'management');
        await stage.startOne(await stage.insert({}));
        await stage.startOne(await stage.insert({}), 'ghost-1');
        await stage.insert({});
        await stage.take({ holder: 'ghost-2' });
        const ended = await stage.startOne(await stage.insert({}), 'ghost-3');
        await stage.record(ended, SUCCEEDED);
        expect(await departed()).toEqual([
          { nodeId: 'ghost-1', heartbeatAt: 0 },
          { nodeId: 'ghost-2', heartbeatAt: 0 },
        ]);
      });

      it('leave what they ran, and nobody else’s', async () => {
        const theirs = await stage.startOne(await stage.insert({}), 'management-1');
        await stage.startOne(await stage.insert({}), 'management-2');
        const found = await stage.stores.recovery.findOrphans({ only: ['management-1'] }, 10);
        expect(found.map((run) => run.executeId)).toEqual([theirs.executeId]);
      });

      it('leave what they ran when they were judged, not what one of them has started since', async () => {
        const before = await stage.startOne(await stage.insert({}), 'management-1');
        const startedUntil = stage.now;
        stage.clock.pass(SECOND);
        await stage.startOne(await stage.insert({}), 'management-1');
        const nodes = { only: ['management-1'], startedUntil };
        const found = await stage.stores.recovery.findOrphans(nodes, 10);
        expect(found.map((run) => run.executeId)).toEqual([before.executeId]);
      });

      it('are forgotten with their holds, not who has been heard of since', async () => {
        await beat('analysis-1', 'analysis');
        await beat('analysis-2', 'analysis');
        await stage.insert({});
        await stage.take({ holder: 'analysis-1' });
        stage.clock.pass(15 * SECOND);
        const dead = await departed();
        await beat('analysis-2', 'analysis');
        await stage.stores.recovery.forgetDeparted(dead);
        expect((await stage.stores.nodes.list(stage.now)).map((node) => node.nodeId)).toEqual(['analysis-2']);
        expect(await stage.take({ holder: 'analysis-2' })).toHaveLength(1);
        expect(await departed()).toEqual([]);
      });

      it('are told by their roles when they are forgotten, once, and not those that had left by themselves', async () => {
        await beat('management-1', 'management');
        await beat('analysis-1', 'analysis');
        await beat('management-2', 'management');
        await stage.stores.nodes.leave('management-2');
        stage.clock.pass(15 * SECOND);
        const dead = await departed();
        expect(dead).toHaveLength(3);
        const { recovery } = stage.stores;
        expect((await recovery.forgetDeparted(dead)).sort()).toEqual(['analysis', 'management']);
        expect(await recovery.forgetDeparted(dead)).toEqual([]);
      });

      it('have not retried what was to be cancelled since it was found', async () => {
        const job = await stage.addJob();
        const run = await stage.runSlot(job);
        const { recovery, jobs } = stage.stores;
        const [orphan] = await recovery.findOrphans({ only: ['management-1'] }, 10);
        await jobs.remove(ALL, [job.jobId], SOMEBODY);
        const { settlement } = stage.toRecord(run, FAILED);
        await recovery.settleOrphans([{ run: orphan as OrphanedRun, settlement }]);
        expect(await stage.row(run.executeId)).toMatchObject({ state: 'running' });
        await recover();
        expect(await stage.row(run.executeId)).toMatchObject({ state: 'interrupted', reason: 'job deleted' });
      });
    });
  });
}
