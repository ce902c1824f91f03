import { type CallbackResult } from '@ecron/jobs';
import { ACCEPTED, ALL, FAILED, INTERRUPTED, MINE, SECOND, SOMEBODY, SUCCEEDED, THEIRS } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

const RESULT = '{"by":"callback"}';
const OTHER = '{"by":"another"}';

/** What every execution store must do with a result that the target reports. */
export function callbackConformance(open: OpenStores): void {
  describe('a callback', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const call = (executeId: string, result = RESULT, scope = MINE): Promise<CallbackResult> =>
      stage.stores.executions.completeByCallback(scope, executeId, result, SOMEBODY);

    it('ends what was accepted, keeps its result, closes the attempt and frees the job', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      await stage.record(run, ACCEPTED);
      stage.clock.pass(SECOND);
      expect(await call(run.executeId)).toBe('ended');
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'succeeded',
        reason: '',
        result: RESULT,
        endedAt: stage.now,
        dueAt: null,
        attempts: [{ attempt: 1, outcome: 'succeeded', status_code: 202, ended_at: stage.now }],
      });
      expect(await stage.start([await stage.request(job)])).toHaveLength(1);
    });

    it('that comes before the attempt has ended ends the run; what the attempt says later is void', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      const startedAt = stage.now;
      stage.clock.pass(SECOND);
      expect(await call(run.executeId)).toBe('ended');
      const entry = { attempt: 1, node_id: 'management-1', started_at: startedAt, ended_at: stage.now };
      expect(await stage.record(run, FAILED)).toEqual([]);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'succeeded',
        result: RESULT,
        nodeId: '',
        attempts: [{ ...entry, outcome: 'succeeded' }],
      });
      expect(await stage.stores.runs.findRunning('management-1')).toEqual([]);
      expect(await stage.start([await stage.request(job)])).toHaveLength(1);
    });

    it('during the backoff ends the run, which is not tried again', async () => {
      const run = await stage.runSlot(await stage.addJob());
      await stage.record(run, FAILED);
      expect(await call(run.executeId)).toBe('ended');
      stage.clock.pass(10 * SECOND);
      expect(await stage.take()).toEqual([]);
      expect(await stage.start([run.executeId])).toEqual([]);
      expect(await stage.execution(run.executeId)).toMatchObject({
        state: 'succeeded',
        result: RESULT,
        error: '',
        dueAt: null,
        attempts: [{ outcome: 'failed' }],
      });
    });

    it('twice counts once', async () => {
      const run = await stage.runSlot(await stage.addJob());
      await call(run.executeId);
      const ended = await stage.execution(run.executeId);
      stage.clock.pass(SECOND);
      expect(await call(run.executeId, OTHER)).toBe('already final');
      expect(await stage.execution(run.executeId)).toEqual(ended);
    });

    it('from two at once counts once', async () => {
      const run = await stage.runSlot(await stage.addJob());
      const results = await Promise.all([call(run.executeId), call(run.executeId, OTHER)]);
      expect([...results].sort()).toEqual(['already final', 'ended']);
    });

    it.each([
      ['succeeded', SUCCEEDED],
      ['interrupted', INTERRUPTED],
      ['failed', { ...FAILED, retryable: false }],
    ] as const)(
      'after the run has %s stores its result, the first time, and changes nothing else',
      async (_, outcome) => {
        const run = await stage.runSlot(await stage.addJob());
        await stage.record(run, outcome);
        const ended = await stage.execution(run.executeId);
        stage.clock.pass(SECOND);
        expect(await call(run.executeId)).toBe('already final');
        expect(await call(run.executeId, OTHER)).toBe('already final');
        expect(await stage.execution(run.executeId)).toEqual({ ...ended, result: RESULT });
      },
    );

    it('after the job was deleted stores its result', async () => {
      const job = await stage.addJob();
      const run = await stage.runSlot(job);
      await stage.record(run, ACCEPTED);
      await stage.stores.jobs.remove(MINE, [job.jobId], SOMEBODY);
      expect(await call(run.executeId)).toBe('already final');
      expect(await stage.row(run.executeId)).toMatchObject({ state: 'interrupted', result: RESULT });
    });

    it('for a run that has never been started is unknown', async () => {
      const executeId = await stage.insert({});
      expect(await call(executeId)).toBe('unknown');
      expect(await stage.execution(executeId)).toMatchObject({ state: 'waiting', result: null });
    });

    it('for what was missed and so never ran is unknown, and stores nothing', async () => {
      const executeId = await stage.insert({ state: 'missed', dueAt: null, endedAt: stage.now });
      expect(await call(executeId)).toBe('unknown');
      expect(await stage.execution(executeId)).toMatchObject({ state: 'missed', result: null });
    });

    it("for no run, or another tenant's, is unknown and changes nothing", async () => {
      const run = await stage.runSlot(await stage.addJob());
      expect(await call('unknown')).toBe('unknown');
      expect(await call(run.executeId, RESULT, THEIRS)).toBe('unknown');
      expect(await stage.execution(run.executeId)).toMatchObject({ state: 'running', result: null });
      expect(await call(run.executeId, RESULT, ALL)).toBe('ended');
    });
  });
}
