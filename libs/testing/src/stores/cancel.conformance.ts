import { type CancelResult } from '@ecron/jobs';
import { ACCEPTED, ALL, FAILED, INTERRUPTED, MINE, SECOND, SOMEBODY, SUCCEEDED, THEIRS } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

/** What every execution store must do when a caller cancels. */
export function cancelConformance(open: OpenStores): void {
  describe('a cancel', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const cancel = (executeId: string, note = '', scope = MINE): Promise<CancelResult> =>
      stage.stores.executions.cancel(scope, executeId, note, SOMEBODY);

    it('ends what waits for its start: it never runs', async () => {
      const job = await stage.addJob();
      const executeId = await stage.request(job);
      stage.clock.pass(SECOND);
      expect(await cancel(executeId, 'not needed')).toBe('ended');
      expect(await stage.execution(executeId)).toMatchObject({
        state: 'interrupted',
        reason: 'cancelled',
        error: 'not needed',
        endedAt: stage.now,
        dueAt: null,
        attempts: [],
      });
      expect(await stage.start([executeId])).toEqual([]);
    });

    it('ends a slot that was written ahead, and no edit brings it back', async () => {
      const job = await stage.addJob();
      const executeId = await stage.claimSlot(job);
      expect(await cancel(executeId)).toBe('ended');
      await stage.edit(job, { schedule: '*/5 * * * * *' });
      expect(await stage.execution(executeId)).toMatchObject({ state: 'interrupted', reason: 'cancelled' });
    });

    it('ends what waits for its retry, and frees the job', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      await stage.record(run, FAILED);
      expect(await cancel(run.executeId)).toBe('ended');
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'interrupted',
        notBefore: null,
        attempts: [{ outcome: 'failed' }],
      });
      expect(await stage.activeRows()).toEqual([]);
      stage.clock.pass(10 * SECOND);
      expect(await stage.start([run.executeId])).toEqual([]);
    });

    it('ends what waits for its callback, closes the attempt and frees the job', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      await stage.record(run, ACCEPTED);
      stage.clock.pass(SECOND);
      expect(await cancel(run.executeId)).toBe('ended');
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'interrupted',
        reason: 'cancelled',
        attempts: [{ attempt: 1, outcome: 'interrupted', ended_at: stage.now }],
      });
      expect(await stage.start([await stage.request(job)])).toHaveLength(1);
    });

    it('marks what runs for its node, which records how it ended; the job is kept until then', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      expect(await cancel(run.executeId, 'not needed')).toBe('marked');
      expect(await stage.stores.runs.findRunning('management-1')).toEqual([
        { executeId: run.executeId, epoch: 1, cancelReason: 'cancelled' },
      ]);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'running',
        cancelReason: 'cancelled',
      });
      expect(await stage.start([await stage.request(job)])).toEqual([]);
      await stage.record(run, INTERRUPTED);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'interrupted',
        reason: 'cancelled',
        error: 'not needed',
        attempts: [{ outcome: 'interrupted' }],
      });
      expect(await stage.activeRows()).toEqual([]);
    });

    it.each([
      ['would have been tried again', FAILED, 'interrupted'],
      ['would have waited for its callback', ACCEPTED, 'interrupted'],
      ['succeeded before it was aborted', SUCCEEDED, 'succeeded'],
    ] as const)('of a run that %s', async (_, outcome, state) => {
      const run = await stage.runSlot(await stage.addJob());
      await cancel(run.executeId);
      await stage.record(run, outcome);
      expect(await stage.execution(run.executeId)).toMatchObject({ state });
    });

    it('keeps the word of the target where the caller gave none', async () => {
      const run = await stage.runSlot(await stage.addJob());
      await cancel(run.executeId);
      await stage.record(run, FAILED);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'interrupted',
        error: 'answered 500',
      });
    });

    it('that came while an attempt was recorded ends the run where it would start again', async () => {
      const run = await stage.startOne(await stage.insert({}));
      await stage.record(run, FAILED);
      const mark = `UPDATE ecron_execution SET cancel_at = ?, cancel_reason = 'cancelled' WHERE execute_id = ?`;
      await stage.stores.query(mark, [stage.now, run.executeId]);
      stage.clock.pass(10 * SECOND);
      expect(await stage.start([run.executeId])).toEqual([]);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'interrupted',
        reason: 'cancelled',
      });
    });

    it('a second time changes nothing while the run goes on', async () => {
      const run = await stage.runSlot(await stage.addJob());
      await cancel(run.executeId, 'first');
      stage.clock.pass(SECOND);
      expect(await cancel(run.executeId, 'second')).toBe('marked');
      expect(await stage.execution(run.executeId)).toMatchObject({
        error: 'first',
        cancelAt: stage.now - SECOND,
      });
    });

    it.each([
      ['succeeded', SUCCEEDED],
      ['interrupted', INTERRUPTED],
    ] as const)('of what has %s changes nothing', async (_, outcome) => {
      const run = await stage.runSlot(await stage.addJob());
      await stage.record(run, outcome);
      const ended = await stage.execution(run.executeId);
      expect(await cancel(run.executeId, 'too late')).toBe('already final');
      expect(await stage.execution(run.executeId)).toEqual(ended);
    });

    it("for no execution, or another tenant's, is unknown and changes nothing", async () => {
      const run = await stage.runSlot(await stage.addJob());
      expect(await cancel('unknown')).toBe('unknown');
      expect(await cancel(run.executeId, '', THEIRS)).toBe('unknown');
      expect(await stage.execution(run.executeId)).toMatchObject({ state: 'running', cancelAt: null });
      expect(await cancel(run.executeId, '', ALL)).toBe('marked');
    });

    it('beside a record of the same run leaves it ended or marked, never waiting', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      const [outcome] = await Promise.all([cancel(run.executeId), stage.record(run, FAILED)]);
      expect(['ended', 'marked', 'already final']).toContain(outcome);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'interrupted',
        reason: 'cancelled',
      });
      expect(await stage.activeRows()).toEqual([]);
    });
  });
}
