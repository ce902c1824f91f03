import { type StartedRun } from '@ecron/execution';
import { takeOver } from '@ecron/scheduling';
import { ACCEPTED, ALL, FAILED, SECOND, SOMEBODY, SUCCEEDED, T0 } from './fixtures.js';
import { recordConformance } from './record.conformance.js';
import { Stage } from './stage.js';
import { startAheadConformance } from './start-ahead.conformance.js';
import { startConformance } from './start.conformance.js';
import { type OpenStores, STORE_DEFAULTS } from './stores-under-test.js';

/** What every run store must do. */
export function runStoreConformance(open: OpenStores): void {
  startConformance(open);
  startAheadConformance(open);
  recordConformance(open);

  describe('what a node looks up', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    it('tells which traced call has asked for a row, to who holds it and to who runs it', async () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const job = await stage.addJob();
      const [traced, plain] = [await stage.request(job, { traceparent }), await stage.insert({})];
      const known = { [traced]: traceparent, [plain]: undefined };
      const byId = (rows: readonly { executeId: string; traceparent?: string }[]) =>
        Object.fromEntries(rows.map((row) => [row.executeId, row.traceparent]));
      expect(byId(await stage.take())).toEqual(known);
      expect(byId(await stage.stores.waiting.findHeld('analysis-1'))).toEqual(known);
      expect(byId(await stage.start([traced, plain]))).toEqual(known);
    });

    it('of overdue rows is what waits since before then, held by anyone or by none, oldest first', async () => {
      await stage.stores.nodes.beat(
        { nodeId: 'analysis-1', name: 'a', role: 'analysis', capacity: 0, version: '' },
        { now: T0, holdUntil: T0 + 2_000, free: 0, skewMs: 0 },
      );
      const held = await stage.claimSlot(await stage.addJob());
      const unheld = await stage.insert({ dueAt: T0 });
      await stage.insert({ dueAt: stage.now + 1 });
      await stage.startOne(await stage.insert({ dueAt: T0 }));
      const { runs } = stage.stores;
      expect(await runs.findOverdue(stage.now, 10)).toEqual([unheld]);
      expect(await runs.findOverdue(stage.now + 1, 10)).toEqual([unheld, held]);
      expect(await runs.findOverdue(stage.now + 1, 1)).toEqual([unheld]);
    });

    it('of overdue rows never has one that waits for an earlier run', async () => {
      const job = await stage.addJob();
      await stage.runSlot(job);
      await stage.start([await stage.request(job)]);
      expect(await stage.stores.runs.findOverdue(stage.now + SECOND, 10)).toEqual([]);
    });

    it('of running rows is its own only, with why they are to be aborted', async () => {
      const [kept, deleted] = [await stage.addJob(), await stage.addJob()];
      const mine = await stage.startOne(await stage.request(kept));
      const cancelled = await stage.startOne(await stage.request(deleted));
      await stage.startOne(await stage.insert({}), 'management-2');
      await stage.stores.jobs.remove(ALL, [deleted.jobId], SOMEBODY);
      const found = await stage.stores.runs.findRunning('management-1');
      expect(found).toHaveLength(2);
      expect(found).toContainEqual({ executeId: mine.executeId, epoch: 1, cancelReason: null });
      expect(found).toContainEqual({ executeId: cancelled.executeId, epoch: 1, cancelReason: 'job deleted' });
    });

    it('and does not know it gives back: due at once, the attempt uncounted, the epoch kept', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      stage.clock.pass(SECOND);
      await stage.stores.runs.giveBack([{ ...run, cancelReason: null }], stage.now);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'waiting',
        reason: 'node lost',
        attempt: 0,
        epoch: 1,
        dueAt: stage.now,
      });
      expect(await stage.start([await stage.request(job)])).toEqual([]);
      expect(await stage.startOne(run.executeId)).toMatchObject({ epoch: 2, attempt: 1 });
    });

    it('gives back nothing that has moved on', async () => {
      const run = await stage.runSlot(await stage.addJob());
      await stage.record(run, FAILED);
      stage.clock.pass(5 * SECOND);
      await stage.startOne(run.executeId, 'management-2');
      await stage.stores.runs.giveBack([{ ...run, cancelReason: null }], stage.now);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'running',
        attempt: 2,
        nodeId: 'management-2',
      });
    });

    it('and was to be cancelled has ended', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      await stage.stores.jobs.remove(ALL, [job.jobId], SOMEBODY);
      await stage.stores.runs.giveBack([{ ...run, cancelReason: 'job deleted' }], stage.now);
      expect(await stage.row(run.executeId)).toMatchObject({
        state: 'interrupted',
        reason: 'job deleted',
        due_at: null,
        ended_at: stage.now,
      });
    });

    it('of a start is what it has won, by its token, as the start itself tells it', async () => {
      const job = await stage.addJob();
      const ids = [await stage.request(job), await stage.insert({})];
      const request = { nodeId: 'management-1', now: stage.now };
      const won = await stage.stores.runs.start({ ...request, executeIds: ids, token: 'one' });
      await stage.stores.runs.start({ ...request, executeIds: [await stage.insert({})], token: 'other' });
      stage.clock.pass(SECOND);
      const found = await stage.stores.runs.findStarted('management-1', 'one');
      expect(found).toHaveLength(2);
      expect(found).toEqual(expect.arrayContaining(won));
      expect(await stage.stores.runs.findStarted('management-2', 'one')).toEqual([]);
    });

    it('of a start is nothing that it has lost since', async () => {
      const executeId = await stage.insert({});
      const request = { nodeId: 'management-1', now: stage.now, token: 'one' };
      const [run] = await stage.stores.runs.start({ ...request, executeIds: [executeId] });
      await stage.stores.runs.giveBack([{ ...(run as StartedRun), cancelReason: null }], stage.now);
      expect(await stage.stores.runs.findStarted('management-1', 'one')).toEqual([]);
      await stage.startOne(executeId);
      expect(await stage.stores.runs.findStarted('management-1', 'one')).toEqual([]);
    });

    it('of its runs is which of them others have taken for lost', async () => {
      const start = async () => stage.startOne(await stage.insert({}));
      const [kept, waiting, restarted, ended, accepted] = [
        await start(),
        await start(),
        await start(),
        await start(),
        await start(),
      ];
      const lost = [waiting, restarted].map((run) => ({ ...run, cancelReason: null }));
      await stage.stores.runs.giveBack(lost, stage.now);
      await stage.startOne(restarted.executeId, 'management-2');
      await stage.record(ended, SUCCEEDED);
      await stage.record(accepted, ACCEPTED);
      const found = await stage.stores.runs.findLost([kept, waiting, restarted, ended, accepted]);
      expect(found.sort()).toEqual([waiting.executeId, restarted.executeId].sort());
    });

    it('of its runs counts as lost what was interrupted because of its death', async () => {
      const run = await stage.startOne(await stage.insert({ policy: { retry: { max_attempts: 1 } } }));
      await takeOver(stage.stores.recovery, stage.clock, STORE_DEFAULTS);
      expect(await stage.execution(run.executeId)).toMatchObject({ state: 'interrupted' });
      expect(await stage.stores.runs.findLost([run])).toEqual([run.executeId]);
    });
  });
}
