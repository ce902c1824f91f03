import { type Execution, type ExecutionState } from '@ecron/domain';
import {
  ALL,
  contextOf,
  FAILED,
  HOUR,
  MINE,
  reportOf,
  SECOND,
  SOMEBODY,
  SUCCEEDED,
  T0,
  THEIRS,
} from './fixtures.js';
import { slotExecuteId } from '@ecron/scheduling';
import { Stage } from './stage.js';
import { type OpenStores, STORE_SECRET } from './stores-under-test.js';

/** What every execution store must show, and to whom. */
export function executionQueryConformance(open: OpenStores): void {
  let stage: Stage;
  const use = (): void => {
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());
  };
  const idsOf = (executions: readonly Execution[]) => executions.map((e) => e.executeId);

  describe('a requested run', () => {
    use();

    it('comes back as it was written, waiting and due at once', async () => {
      const context = contextOf('http://own.test/');
      const executeId = await stage.insert({ executeId: 'my-own.id:1', context, policy: { timeout_s: 5 } });
      expect(await stage.execution(executeId)).toMatchObject({
        executeId,
        context,
        policy: { timeout_s: 5 },
        tenantId: 'tenant-a',
        trigger: 'request',
        state: 'waiting',
        dueAt: T0,
        nominalAt: T0,
        slotAt: null,
        epoch: 0,
        attempts: [],
      });
    });

    it('is written once; whoever asks again is told what became of it', async () => {
      const executeId = await stage.insert({});
      await stage.record(await stage.startOne(executeId), SUCCEEDED);
      const known = await stage.execution(executeId);
      const again = { ...known, state: 'waiting' as const, jobName: 'other' };
      expect(await stage.stores.executions.insertRequest(again, SOMEBODY)).toEqual({
        kind: 'exists',
        execution: known,
      });
      expect(await stage.execution(executeId)).toEqual(known);
    });

    it("under another tenant's id shows nothing of it and changes nothing", async () => {
      const executeId = await stage.insert({});
      const known = await stage.execution(executeId);
      const theirs = { ...known, tenantId: 'tenant-b' };
      expect(await stage.stores.executions.insertRequest(theirs, SOMEBODY)).toEqual({ kind: 'foreign' });
      expect(await stage.execution(executeId)).toEqual(known);
    });
  });

  describe('the id of a slot', () => {
    use();

    it('cannot be taken by an outsider, not even when its row is gone', async () => {
      const job = await stage.addJob();
      const executeId = slotExecuteId(STORE_SECRET, job.jobId, T0 + 10 * SECOND);
      const request = { ...(await stage.execution(await stage.insert({}))), executeId };
      expect(await stage.stores.executions.insertRequest(request, SOMEBODY)).toEqual({ kind: 'foreign' });
      expect(await stage.stores.requests.requestRun(job.jobId, executeId, stage.now, SOMEBODY)).toBe(false);
      const report = reportOf({ executeId });
      expect(await stage.stores.executions.report(MINE, 'tenant-a', [report], SOMEBODY)).toEqual([
        'foreign-job',
      ]);
      expect(await stage.row(executeId)).toBeUndefined();
      expect(await stage.runSlot(job)).toMatchObject({ executeId });
    });

    it('answers whoever asks for it again with what became of the slot', async () => {
      const run = await stage.runSlot(await stage.addJob());
      const known = await stage.execution(run.executeId);
      expect(await stage.stores.executions.insertRequest(known, SOMEBODY)).toEqual({
        kind: 'exists',
        execution: known,
      });
    });
  });

  describe('a request from the queue', () => {
    use();
    const ask = (jobId: string, executeId: string) =>
      stage.stores.requests.requestRun(jobId, executeId, stage.now, SOMEBODY);

    it('that brings a context runs that, in the tenant of the job', async () => {
      const job = await stage.addJob({ tenantId: 'tenant-b' });
      const context = { ...job.context, exec: 'http://brought.example/' };
      expect(await stage.stores.requests.requestRun(job.jobId, 'asked', stage.now, SOMEBODY, context)).toBe(
        true,
      );
      expect(await stage.execution('asked')).toMatchObject({ tenantId: 'tenant-b', context, policy: {} });
    });

    it("runs the stored job in the job's tenant", async () => {
      const job = await stage.addJob({ tenantId: 'tenant-b', policy: { retry: { max_attempts: 5 } } });
      expect(await ask(job.jobId, 'asked')).toBe(true);
      expect(await stage.execution('asked')).toMatchObject({
        jobId: job.jobId,
        jobVersion: 1,
        tenantId: 'tenant-b',
        jobName: job.name,
        trigger: 'request',
        state: 'waiting',
        dueAt: T0,
        maxAttempts: 5,
        context: null,
      });
    });

    it('of a job that is not known writes nothing', async () => {
      expect(await ask('unknown', 'asked')).toBe(false);
      expect(await stage.row('asked')).toBeUndefined();
    });

    it('that is repeated finds its row, whatever has become of it', async () => {
      const job = await stage.addJob();
      await ask(job.jobId, 'asked');
      await stage.record(await stage.startOne('asked'), SUCCEEDED);
      expect(await ask(job.jobId, 'asked')).toBe(true);
      expect(await ask('unknown', 'asked')).toBe(true);
      expect(await stage.execution('asked')).toMatchObject({ state: 'succeeded' });
    });
  });

  describe('executions', () => {
    use();
    const list = (filter: object = {}, scope = MINE) =>
      stage.stores.executions.list(scope, { limit: 100, ...filter });

    it('are listed newest first, page after page, those of one instant too', async () => {
      for (const nominalAt of [T0, T0 + 2, T0 + 1, T0 + 1, T0 + 1]) await stage.insert({ nominalAt });
      const all = await list();
      expect(all.map((e) => e.nominalAt - T0)).toEqual([2, 1, 1, 1, 0]);
      const paged: Execution[] = [];
      for (let page = await list({ limit: 2 }); page.length > 0;) {
        paged.push(...page);
        page = await list({ limit: 2, after: page.at(-1) });
      }
      expect(paged).toEqual(all);
    });

    it('are found by job, state, trigger and time, the end excluded', async () => {
      const job = await stage.addJob();
      const slot = await stage.claimSlot(job);
      const running = await stage.insert({});
      await stage.startOne(running);
      await stage.insert({ nominalAt: T0 + HOUR });
      expect(idsOf(await list({ jobId: job.jobId }))).toEqual([slot]);
      expect(idsOf(await list({ states: ['running', 'failed'] }))).toEqual([running]);
      expect(await list({ states: [] })).toEqual([]);
      expect(idsOf(await list({ trigger: 'schedule' }))).toEqual([slot]);
      expect(idsOf(await list({ from: stage.now, to: T0 + HOUR })).sort()).toEqual([slot, running].sort());
    });

    it('of another tenant do not show, unless all are asked for', async () => {
      const executeId = await stage.insert({});
      expect(await stage.stores.executions.find(THEIRS, executeId)).toBeNull();
      expect(await list({}, THEIRS)).toEqual([]);
      expect(await stage.stores.executions.listStatuses(THEIRS, { limit: 10 })).toEqual([]);
      expect(idsOf(await list({}, ALL))).toEqual([executeId]);
    });

    it('of a deleted job do not show; those that only named it do', async () => {
      const job = await stage.addJob();
      const own = await stage.request(job);
      const adHoc = await stage.request(job, { jobVersion: 0, context: job.context });
      await stage.stores.jobs.remove(MINE, [job.jobId], SOMEBODY);
      expect(await stage.stores.executions.find(MINE, own)).toBeNull();
      expect(idsOf(await list({ jobId: job.jobId }))).toEqual([adHoc]);
      expect(idsOf(await stage.stores.executions.listStatuses(MINE, { limit: 10 }))).toEqual([adHoc]);
    });
  });

  describe('what old clients see', () => {
    use();
    const see = async (filter: object = {}) =>
      idsOf(await stage.stores.executions.listStatuses(MINE, { limit: 100, ...filter }));

    it('has a slot once it has passed, and no slot that was skipped or missed', async () => {
      const job = await stage.addJob();
      const { held } = await stage.claim({ until: T0 + 10 * SECOND });
      expect(await see()).toEqual([]);
      stage.clock.pass(10 * SECOND);
      const run = await stage.startOne(held[0]?.executeId ?? '');
      expect(await see()).toEqual([run.executeId]);
      await stage.start([await stage.claimSlot(job)]);
      stage.clock.pass(3 * HOUR);
      await stage.claim({ room: 0 });
      const states = new Set(
        (await stage.stores.executions.list(MINE, { limit: 1_000 })).map((e) => e.state),
      );
      expect(states).toEqual(new Set<ExecutionState>(['running', 'skipped', 'missed', 'waiting']));
      const shown = await stage.stores.executions.listStatuses(MINE, { limit: 1_000 });
      expect(
        shown.some((e) => e.state === 'skipped' || e.state === 'missed' || e.nominalAt > stage.now),
      ).toBe(false);
      expect(shown.map((e) => e.executeId)).toContain(run.executeId);
    });

    it('goes by when the first attempt began, else by the slot or request', async () => {
      const [first, second] = [
        await stage.insert({ nominalAt: T0 }),
        await stage.insert({ nominalAt: T0 + 1 }),
      ];
      stage.clock.set(T0 + SECOND);
      expect(await see()).toEqual([second, first]);
      await stage.startOne(first);
      expect(await see()).toEqual([first, second]);
      expect(await see({ beginFrom: T0 + SECOND })).toEqual([first]);
      expect(await see({ beginUntil: T0 + 1 })).toEqual([second]);
      expect(await see({ beginFrom: T0 + 1, beginUntil: T0 + SECOND })).toEqual([first, second]);
      await stage.record({ ...(await stage.startOne(second)) }, FAILED);
      stage.clock.pass(HOUR);
      await stage.startOne(second);
      expect(await see({ beginUntil: T0 + SECOND })).toHaveLength(2);
    });

    it('is found by job, type and state, as many as may be', async () => {
      const job = await stage.addJob({ type: 'real-time' });
      const [running, waiting] = [await stage.request(job), await stage.request(job)];
      await stage.insert({});
      await stage.startOne(running);
      expect((await see({ jobId: job.jobId })).sort()).toEqual([running, waiting].sort());
      expect((await see({ jobType: 'real-time' })).sort()).toEqual([running, waiting].sort());
      expect(await see({ states: ['running'] })).toEqual([running]);
      expect(await see({ limit: 1 })).toHaveLength(1);
    });

    const insertMany = (count: number, nominalAt: (n: number) => number) =>
      Promise.all(Array.from({ length: count }, (_, n) => stage.insert({ nominalAt: nominalAt(n) })));

    it('comes whole though it takes several reads', async () => {
      await insertMany(300, (n) => T0 - (n % 7));
      const shown = await stage.stores.executions.listStatuses(MINE, { limit: 299 });
      expect(shown).toHaveLength(299);
      expect(new Set(idsOf(shown)).size).toBe(299);
      expect(shown.map((e) => e.nominalAt)).toEqual(shown.map((e) => e.nominalAt).sort((a, b) => b - a));
    });

    it('ends soon after 16 MiB of results, the newest first', async () => {
      await insertMany(300, (n) => T0 - n);
      await stage.stores.query('UPDATE ecron_execution SET result = ?', [`"${'x'.repeat(70_000)}"`]);
      const shown = await stage.stores.executions.listStatuses(MINE, { limit: 10_000 });
      expect(shown).toHaveLength(250);
      expect(shown.at(-1)?.nominalAt).toBe(T0 - 249);
    });
  });
}
