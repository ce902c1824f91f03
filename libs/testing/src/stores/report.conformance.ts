import { type TenantScope } from '@ecron/domain';
import { type StatusReport } from '@ecron/jobs';
import { ALL, contextOf, HOUR, MINE, MINUTE, reportOf, SECOND, SOMEBODY, T0, THEIRS } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

/** What every execution store must do with runs that outsiders report. */
export function reportConformance(open: OpenStores): void {
  describe('a report from outside', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const report = (own: Partial<StatusReport>, scope: TenantScope = MINE) =>
      stage.stores.executions.report(
        scope,
        'tenantId' in scope ? scope.tenantId : 'admin',
        [reportOf(own)],
        SOMEBODY,
      );

    it('of an unknown run is stored, in the name of who reports it, and must be heard of again', async () => {
      stage.clock.pass(MINUTE);
      expect(await report({ executeTimes: 2, jobType: 'real-time', result: '{"step":1}' })).toEqual([]);
      expect(await stage.execution('reported')).toMatchObject({
        jobId: 'foreign-job',
        jobVersion: 0,
        jobName: 'reported job',
        jobType: 'real-time',
        tenantId: 'tenant-a',
        trigger: 'external',
        state: 'accepted',
        attempt: 2,
        result: '{"step":1}',
        nominalAt: T0,
        begunAt: T0,
        startedAt: T0,
        endedAt: null,
        dueAt: stage.now + HOUR,
      });
    });

    it('without a begin begins now', async () => {
      stage.clock.pass(MINUTE);
      await report({ beginAt: null });
      expect(await stage.execution('reported')).toMatchObject({ begunAt: stage.now, nominalAt: stage.now });
    });

    it.each(['succeeded', 'failed', 'abandoned', 'interrupted'] as const)(
      'ends an open run as %s',
      async (state) => {
        await report({ result: '{"step":1}' });
        stage.clock.pass(MINUTE);
        expect(await report({ state, executeTimes: 3 })).toEqual([]);
        expect(await stage.execution('reported')).toMatchObject({
          state,
          attempt: 3,
          endedAt: stage.now,
          dueAt: null,
          result: '{"step":1}',
          begunAt: T0,
        });
      },
    );

    it('may bring a run that has ended already, and when', async () => {
      await report({ state: 'succeeded', endAt: T0 + 5, result: '{"rows":1}' });
      expect(await stage.execution('reported')).toMatchObject({
        state: 'succeeded',
        endedAt: T0 + 5,
        result: '{"rows":1}',
      });
    });

    it('that goes on moves the deadline', async () => {
      await report({});
      stage.clock.pass(HOUR / 2);
      await report({});
      expect(await stage.execution('reported')).toMatchObject({ state: 'accepted', dueAt: stage.now + HOUR });
    });

    it('on a run that has ended changes nothing, and is no fault', async () => {
      await report({ state: 'failed' });
      const ended = await stage.execution('reported');
      stage.clock.pass(SECOND);
      expect(await report({ state: 'succeeded', result: '"x"' })).toEqual([]);
      expect(await report({ state: 'accepted' })).toEqual([]);
      expect(await stage.execution('reported')).toEqual(ended);
    });

    it('keeps who carried it out, and what was known of that where nothing new comes', async () => {
      const executor = [
        { executor_id: 'worker-1', executed_at: '2026-11-24T09:00:01Z' },
        { executor_id: 'worker-2', executed_at: '2026-11-24T09:00:02Z' },
      ];
      await report({ executor });
      await report({ state: 'succeeded', endAt: T0 + MINUTE });
      expect((await stage.execution('reported')).attempts).toMatchObject([
        { attempt: 1, node_id: 'worker-1', started_at: T0 + SECOND },
        { attempt: 2, node_id: 'worker-2', started_at: T0 + 2 * SECOND },
      ]);
    });

    it('goes by the job where there is one: its version, its tenant, its time for a word', async () => {
      const job = await stage.addJob({ policy: { callback_timeout_s: 60 } });
      await report({ jobId: job.jobId }, ALL);
      expect(await stage.execution('reported')).toMatchObject({
        tenantId: 'tenant-a',
        jobVersion: 1,
        dueAt: stage.now + MINUTE,
      });
      stage.clock.pass(SECOND);
      await report({ jobId: job.jobId });
      expect(await stage.execution('reported')).toMatchObject({ dueAt: stage.now + MINUTE });
    });

    it('never makes a run that is started, or that keeps its job from running', async () => {
      const job = await stage.addJob();
      await report({ jobId: job.jobId });
      stage.clock.pass(MINUTE);
      expect(await stage.take()).toEqual([]);
      expect(await stage.start(['reported'])).toEqual([]);
      expect(await stage.start([await stage.request(job)])).toHaveLength(1);
    });

    it('shows to old clients', async () => {
      await report({});
      const shown = await stage.stores.executions.listStatuses(MINE, { limit: 10 });
      expect(shown.map((e) => e.executeId)).toEqual(['reported']);
    });

    describe('is refused, and touches nothing,', () => {
      it("on another tenant's report", async () => {
        await report({});
        const before = await stage.execution('reported');
        expect(await report({ state: 'failed' }, THEIRS)).toEqual(['foreign-job']);
        expect(await stage.execution('reported')).toEqual(before);
      });

      it("on another tenant's job", async () => {
        const job = await stage.addJob({ tenantId: 'tenant-b' });
        expect(await report({ jobId: job.jobId })).toEqual([job.jobId]);
        expect(await stage.row('reported')).toBeUndefined();
      });

      it("on another tenant's job, though the run was reported before", async () => {
        await report({});
        const before = await stage.execution('reported');
        const job = await stage.addJob({ tenantId: 'tenant-b' });
        expect(await report({ jobId: job.jobId, state: 'failed' })).toEqual([job.jobId]);
        expect(await stage.execution('reported')).toEqual(before);
      });

      it('and tells no webhook of a run that had ended, its own or not', async () => {
        const context = { ...contextOf('http://target.test/'), notify: { webhook: 'http://told.test/' } };
        const job = await stage.addJob({ context });
        await report({ jobId: job.jobId, state: 'succeeded' });
        const told = await stage.stores.query('SELECT * FROM ecron_webhook', []);
        await stage.stores.query('DELETE FROM ecron_webhook_delivery', []);
        await report({ jobId: job.jobId, state: 'failed' });
        await report({ jobId: job.jobId, state: 'failed' }, THEIRS);
        expect(await stage.stores.query('SELECT * FROM ecron_webhook_delivery', [])).toEqual([]);
        expect(await stage.stores.query('SELECT * FROM ecron_webhook', [])).toEqual(told);
      });

      it('on a run of our own', async () => {
        const job = await stage.addJob();
        const run = await stage.runSlot(job);
        expect(await report({ executeId: run.executeId, jobId: job.jobId, state: 'failed' })).toEqual([
          job.jobId,
        ]);
        expect(await report({ executeId: run.executeId, jobId: job.jobId, state: 'failed' }, ALL)).toEqual([
          job.jobId,
        ]);
        expect(await stage.execution(run.executeId)).toMatchObject({ state: 'running', trigger: 'schedule' });
      });

      it('item by item', async () => {
        const theirs = await stage.addJob({ tenantId: 'tenant-b' });
        const items = [
          reportOf({ executeId: 'a' }),
          reportOf({ executeId: 'b', jobId: theirs.jobId }),
          reportOf({ executeId: 'c' }),
        ];
        expect(await stage.stores.executions.report(MINE, 'tenant-a', items, SOMEBODY)).toEqual([
          theirs.jobId,
        ]);
        expect(await stage.row('b')).toBeUndefined();
        for (const id of ['a', 'c']) expect(await stage.execution(id)).toMatchObject({ state: 'accepted' });
      });
    });
  });
}
