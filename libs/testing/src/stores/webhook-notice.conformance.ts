import { type Job, type Notify } from '@ecron/domain';
import { type Delivery } from '@ecron/notification';
import {
  ACCEPTED,
  ALL,
  contextOf,
  EDITOR,
  FAILED,
  HOUR,
  INTERRUPTED,
  MINE,
  MINUTE,
  reportOf,
  SECOND,
  SOMEBODY,
  SUCCEEDED,
} from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

export const HOOK = 'https://hooks.test:8443/results?x=1';

export const contextWith = (notify: Notify): Job['context'] => ({
  ...contextOf('http://target.test/'),
  notify,
});

const ONCE = { retry: { max_attempts: 1 } };
const REFUSED = { ...FAILED, retryable: false } as const;

/** Each way in which an execution can end, and what of it is queued. */
export function noticeConformance(open: OpenStores): void {
  describe('the end of an execution', () => {
    let stage: Stage;
    let job: Job;
    beforeEach(async () => {
      stage = await Stage.open(open);
      job = await stage.addJob({ context: contextWith({ webhook: HOOK }) });
    });
    afterEach(() => stage.close());

    /** Newest last. */
    const all = async (): Promise<Delivery[]> =>
      (await stage.stores.deliveries.list(ALL, { limit: 500 })).sort((a, b) => a.sequence - b.sequence);
    const told = async (): Promise<[string, string][]> =>
      (await all()).map(({ deliveryId, state }) => [deliveryId, state]);
    const missedSlot = async (): Promise<string> => {
      await stage.claim({ until: stage.now + 10 * SECOND });
      const [first] = await stage.executionsOf(job);
      stage.clock.pass(10 * MINUTE);
      return first!.executeId;
    };

    it('is queued with it, due at once', async () => {
      const run = await stage.runSlot(job);
      expect(await all()).toEqual([]);
      await stage.record(run, SUCCEEDED);
      expect(await all()).toEqual([
        {
          deliveryId: run.executeId,
          jobId: job.jobId,
          tenantId: 'tenant-a',
          state: 'succeeded',
          sequence: 1,
          status: 'pending',
          attempt: 0,
          dueAt: stage.now,
          createdAt: stage.now,
          endedAt: null,
          statusCode: null,
          error: '',
        },
      ]);
    });

    it('is not queued for a job without a webhook, nor for one that is accepted or tried again', async () => {
      const other = await stage.addJob();
      await stage.record(await stage.runSlot(other), SUCCEEDED);
      await stage.record(await stage.runSlot(job), FAILED);
      const requested = await stage.addJob({ name: 'n', context: contextWith({ webhook: HOOK }) });
      await stage.record(await stage.startOne(await stage.request(requested)), ACCEPTED);
      expect(await all()).toEqual([]);
    });

    it('is queued once, whatever comes later', async () => {
      const run = await stage.runSlot(job);
      await stage.stores.executions.completeByCallback(ALL, run.executeId, '{}', SOMEBODY);
      await stage.record(run, SUCCEEDED);
      await stage.stores.executions.completeByCallback(ALL, run.executeId, '{}', SOMEBODY);
      expect(await told()).toEqual([[run.executeId, 'succeeded']]);
    });

    it.each([
      ['failed', REFUSED, {}],
      ['abandoned', FAILED, ONCE],
      ['interrupted', INTERRUPTED, ONCE],
    ] as const)('is queued where it was %s', async (state, outcome, policy) => {
      const own = await stage.addJob({ context: contextWith({ webhook: HOOK }), policy });
      const run = await stage.runSlot(own);
      await stage.record(run, outcome);
      expect((await told()).filter(([id]) => id === run.executeId)).toEqual([[run.executeId, state]]);
    });

    it('is queued where a callback brought it', async () => {
      const run = await stage.runSlot(job);
      await stage.record(run, ACCEPTED);
      await stage.stores.executions.completeByCallback(ALL, run.executeId, '{}', SOMEBODY);
      expect(await told()).toEqual([[run.executeId, 'succeeded']]);
    });

    it('is queued where no callback came in time', async () => {
      const own = await stage.addJob({ context: contextWith({ webhook: HOOK }), policy: ONCE });
      const run = await stage.runSlot(own);
      await stage.record(run, ACCEPTED);
      stage.clock.pass(2 * HOUR);
      const [overdue] = await stage.stores.waiting.findOverdueCallbacks(stage.now, 10);
      await stage.stores.waiting.settleAccepted(overdue!, {
        state: 'abandoned',
        reason: '',
        endedAt: stage.now,
        dueAt: null,
        error: 'no callback',
        attempts: [],
      } as unknown as Parameters<typeof stage.stores.waiting.settleAccepted>[1]);
      expect(await told()).toEqual([[run.executeId, 'abandoned']]);
    });

    it('is queued where a caller cancelled what waited', async () => {
      const executeId = await stage.request(job);
      await stage.stores.executions.cancel(MINE, executeId, 'enough', SOMEBODY);
      expect(await told()).toEqual([[executeId, 'interrupted']]);
    });

    it('is queued where what was to be cancelled was never sent', async () => {
      const run = await stage.runSlot(job);
      await stage.stores.executions.cancel(MINE, run.executeId, 'enough', SOMEBODY);
      const rows = await stage.stores.runs.findRunning('management-1');
      await stage.stores.runs.giveBack(rows, stage.now);
      expect(await told()).toEqual([[run.executeId, 'interrupted']]);
    });

    it('is queued where a slot is skipped since an earlier run is under way', async () => {
      await stage.claim({ until: stage.now + 20 * SECOND });
      const [first, second] = await stage.executionsOf(job);
      stage.clock.pass(20 * SECOND);
      await stage.start([first!.executeId]);
      await stage.start([second!.executeId]);
      expect(await told()).toEqual([[second!.executeId, 'skipped']]);
    });

    it('is queued where a start came after its total time-out', async () => {
      const policy = { total_timeout_s: 20, retry: { base_s: 5 } };
      const own = await stage.addJob({ context: contextWith({ webhook: HOOK }), policy });
      const run = await stage.runSlot(own);
      await stage.record(run, FAILED);
      stage.clock.pass(30 * SECOND);
      await stage.start([run.executeId]);
      expect(await told()).toEqual([[run.executeId, 'abandoned']]);
    });

    it('is queued where its slot was found too late, by whoever finds it', async () => {
      const executeId = await missedSlot();
      await stage.take({ lapsed: ['analysis-1'], holder: 'analysis-2', judgeLate: () => 'missed' });
      expect(await told()).toContainEqual([executeId, 'missed']);
    });

    it('is queued where a claim found a range of slots too late', async () => {
      stage.clock.pass(2 * HOUR);
      await stage.claim();
      const states = (await told()).map(([, state]) => state);
      expect(states).toContain('missed');
    });

    it('is queued where its node was lost', async () => {
      const run = await stage.runSlot(job);
      const [orphan] = await stage.stores.recovery.findOrphans({ only: ['management-1'] }, 10);
      const settlement = stage.toRecord(run, INTERRUPTED).settlement;
      await stage.stores.recovery.settleOrphans([
        { run: orphan!, settlement: { ...settlement, state: 'interrupted', endedAt: stage.now } },
      ]);
      expect(await told()).toEqual([[run.executeId, 'interrupted']]);
    });

    it('is queued where its job was disabled or deleted, also for what ran then', async () => {
      const running = await stage.runSlot(job);
      const waiting = await stage.request(job);
      stage.clock.pass(SECOND);
      await stage.stores.jobs.remove(MINE, [job.jobId], SOMEBODY);
      await stage.record(running, SUCCEEDED);
      const disabled = await stage.addJob({ name: 'two', context: contextWith({ webhook: HOOK }) });
      const slot = await stage.claimSlot(disabled);
      await stage.edit(disabled, { enabled: false });
      expect((await told()).sort()).toEqual(
        [
          [waiting, 'interrupted'],
          [running.executeId, 'succeeded'],
          [slot, 'interrupted'],
        ].sort(),
      );
    });

    it('is queued where an outsider reported it, as an end at once or later', async () => {
      const items = (state: 'accepted' | 'succeeded', executeId: string) => [
        reportOf({ jobId: job.jobId, executeId, state }),
      ];
      const report = (state: 'accepted' | 'succeeded', executeId: string) =>
        stage.stores.executions.report(MINE, 'tenant-a', items(state, executeId), SOMEBODY);
      await report('succeeded', 'at once');
      await report('accepted', 'later');
      await report('succeeded', 'later');
      expect(await told()).toEqual([
        ['at once', 'succeeded'],
        ['later', 'succeeded'],
      ]);
    });

    it('is queued for a run of no job that has a webhook of its own', async () => {
      const executeId = await stage.insert({ context: contextWith({ webhook: HOOK }), policy: {} });
      await stage.insert({ context: contextOf('http://target.test/'), policy: {} });
      await stage.record(await stage.startOne(executeId), SUCCEEDED);
      expect(await told()).toEqual([[executeId, 'succeeded']]);
    });

    it('is queued under the webhook as it is then', async () => {
      const [bare, cleared] = [await stage.addJob(), job];
      const runs = [await stage.runSlot(bare), await stage.runSlot(cleared)];
      stage.clock.pass(SECOND);
      await stage.edit(bare, { context: contextWith({ webhook: HOOK }) });
      await stage.edit(cleared, { context: contextWith({ webhook: '' }) });
      for (const run of runs) await stage.record(run, SUCCEEDED);
      expect(await told()).toEqual([[runs[0]!.executeId, 'succeeded']]);
    });

    it('is on record as failed where the webhook is no URL', async () => {
      const odd = await stage.addJob({ context: contextWith({ webhook: 'call me' }) });
      await stage.record(await stage.runSlot(odd), SUCCEEDED);
      expect(await all()).toMatchObject([
        { status: 'failed', dueAt: null, error: 'the webhook is not a URL of http or https' },
      ]);
    });

    it('is not kept where its transaction fails', async () => {
      const other = await stage.addJob();
      await stage.claimSlot(job);
      const toOneName = (was: Job): Job => ({ ...was, enabled: false, name: 'one name for both' });
      const ids = [job.jobId, other.jobId];
      const result = await stage.stores.jobs.edit(ALL, ids, toOneName, EDITOR);
      expect([result.kind, await all()]).toEqual(['name taken', []]);
    });
  });

  describe('of the ends of a job', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const endAll = async (notify: Notify, ...outcomes: (typeof SUCCEEDED | typeof REFUSED)[]) => {
      const job = await stage.addJob({ context: contextWith(notify) });
      for (const outcome of outcomes) await stage.record(await stage.runSlot(job), outcome);
      const found = await stage.stores.deliveries.list(ALL, { limit: 500, jobId: job.jobId });
      return found.map(({ sequence, state }) => [sequence, state]).reverse();
    };

    it('each is told by default, with its number', async () => {
      expect(await endAll({ webhook: HOOK }, SUCCEEDED, REFUSED, REFUSED)).toEqual([
        [1, 'succeeded'],
        [2, 'failed'],
        [3, 'failed'],
      ]);
    });

    it('those that are failures are told where the job says so', async () => {
      expect(await endAll({ webhook: HOOK, on: 'failure' }, SUCCEEDED, REFUSED, SUCCEEDED, REFUSED)).toEqual([
        [1, 'failed'],
        [2, 'failed'],
      ]);
    });

    it('those that differ from the one before are told where the job says so', async () => {
      const outcomes = [SUCCEEDED, SUCCEEDED, REFUSED, REFUSED, SUCCEEDED];
      expect(await endAll({ webhook: HOOK, on: 'change' }, ...outcomes)).toEqual([
        [1, 'succeeded'],
        [2, 'failed'],
        [3, 'succeeded'],
      ]);
    });

    it('the oldest undelivered give way where there are too many, and are counted', async () => {
      await stage.stores.deliveries.setPendingCap(2);
      expect(await endAll({ webhook: HOOK }, SUCCEEDED, REFUSED, SUCCEEDED, REFUSED)).toEqual([
        [3, 'succeeded'],
        [4, 'failed'],
      ]);
      const [host = ''] = await stage.stores.deliveries.pendingHosts('', 10);
      const claim = { host, limit: 1, token: 't', now: stage.now, leaseUntil: stage.now + MINUTE };
      expect(await stage.stores.deliveries.claim(claim)).toMatchObject([{ sequence: 3, superseded: 2 }]);
    });
  });
}
