import { type Job } from '@ecron/domain';
import { secondExecuteId, slotExecuteId, takeOver } from '@ecron/scheduling';
import { Logger } from '@nestjs/common';
import {
  ACCEPTED,
  ALL,
  contextOf,
  EDITOR,
  EVERY_SECOND,
  HOUR,
  HOURLY,
  MINUTE,
  SECOND,
  SUCCEEDED,
  T0,
} from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores, STORE_DEFAULTS, STORE_SECRET } from './stores-under-test.js';

/** Texts that are no policy. */
const POLICIES = ['{', 'null', '{"retry":{"max_attempts":"many"}}'];

/** What every store must make of rows that no edit of ours can have written: each is judged by itself. */
export function badRowConformance(open: OpenStores): void {
  describe('a row that was not written by an edit', () => {
    let stage: Stage;
    let alarm: jest.SpyInstance;
    beforeEach(async () => {
      stage = await Stage.open(open);
      alarm = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    });
    afterEach(async () => {
      alarm.mockRestore();
      await stage.close();
    });

    const setJob = (job: Job, column: string, text: string) =>
      stage.stores.query(`UPDATE ecron_job SET ${column} = ? WHERE job_id = ?`, [text, job.jobId]);
    const setRun = (executeId: string, column: string, text: string | null) =>
      stage.stores.query(`UPDATE ecron_execution SET ${column} = ? WHERE execute_id = ?`, [text, executeId]);
    const alarms = (): string[] => alarm.mock.calls.map(([line]) => (line as { msg: string }).msg);

    it.each(POLICIES)('keeps no other job from being claimed: a policy %s', async (text) => {
      const [bad, good] = [await stage.addJob(), await stage.addJob()];
      await setJob(bad, 'policy', text);
      stage.clock.pass(5 * SECOND);
      await stage.claim();
      await setJob(bad, 'policy', text);
      stage.clock.pass(10 * SECOND);
      await stage.claim();
      for (const job of [bad, good]) expect(await stage.executionsOf(job)).toHaveLength(2);
      expect(alarms()).toEqual([expect.stringMatching(new RegExp(`^job ${bad.jobId} .* policy`))]);
    });

    it('keeps no other job from being claimed: both ids of a slot', async () => {
      const [bad, good] = [await stage.addJob(), await stage.addJob()];
      const slotAt = T0 + 10 * SECOND;
      for (const idOf of [slotExecuteId, secondExecuteId])
        await setRun(await stage.insert({}), 'execute_id', idOf(STORE_SECRET, bad.jobId, slotAt));
      stage.clock.pass(5 * SECOND);
      const { jobs, held } = await stage.claim();
      expect([jobs, held.length]).toEqual([2, 1]);
      expect(await stage.executionsOf(good)).toHaveLength(1);
      expect(await stage.executionsOf(bad)).toEqual([]);
      expect((await stage.findJob(bad))?.nextSlotAt).toBe(slotAt + 10 * SECOND);
      expect(alarms().join()).toContain(`slot ${bad.jobId}/${slotAt}`);
    });

    it.each(POLICIES)('runs once and is not tried again under a policy %s', async (text) => {
      const [bad, good] = [
        await stage.addJob(),
        await stage.addJob({ policy: { retry: { max_attempts: 5 } } }),
      ];
      await setJob(bad, 'policy', text);
      const ids = [await stage.request(bad), await stage.request(good)];
      const started = await stage.start(ids);
      const attempts = new Map(started.map((run) => [run.executeId, run.policy.retry?.max_attempts]));
      expect(ids.map((id) => attempts.get(id))).toEqual([1, 5]);
    });

    it.each([
      ['policy', '{'],
      ['attempts', '{'],
      ['attempts', '5'],
    ])('keeps no other run of a dead node from being settled: %s %s', async (column, text) => {
      const ids = [await stage.insert({}), await stage.insert({})];
      await stage.start(ids);
      await setRun(ids[0] ?? '', column, text);
      expect(await takeOver(stage.stores.recovery, stage.clock, STORE_DEFAULTS, [])).toBe(2);
      const states = await Promise.all(ids.map(async (id) => (await stage.execution(id)).state));
      expect(states).toEqual([column === 'policy' ? 'interrupted' : 'waiting', 'waiting']);
      expect(alarms()).toEqual([expect.stringMatching(new RegExp(`^execution ${ids[0]} .* ${column}`))]);
    });

    it.each([
      ['policy', 'null'],
      ['attempts', '[1]'],
    ])('keeps no other callback from being overdue: %s %s', async (column, text) => {
      const ids = [await stage.insert({}), await stage.insert({})];
      for (const id of ids) await stage.record(await stage.startOne(id), ACCEPTED);
      await setRun(ids[0] ?? '', column, text);
      stage.clock.pass(HOUR);
      const found = await stage.stores.waiting.findOverdueCallbacks(stage.now, 10);
      expect(found.map((row) => row.executeId).sort()).toEqual([...ids].sort());
    });

    it('that cannot be judged is left alone, and keeps no other from being taken', async () => {
      await stage.addJob({ schedule: HOURLY });
      await stage.claim({ room: 0, until: T0 + HOUR });
      const other = await stage.insert({ dueAt: T0 + HOUR + 1 });
      stage.clock.pass(HOUR + MINUTE + 1);
      const taken = await stage.take({ judgeLate: () => 'leave' });
      expect(taken.map((row) => row.executeId)).toEqual([other]);
      const [left] = await stage.take();
      expect(left?.dueAt).toBe(T0 + HOUR);
    });

    it('is judged by nothing where the version that wrote it is gone', async () => {
      await stage.addJob({ schedule: HOURLY });
      await stage.claim({ room: 0, until: T0 + HOUR });
      await stage.stores.query('DELETE FROM ecron_job_version', []);
      stage.clock.pass(HOUR + MINUTE + 1);
      const judgeLate = jest.fn(() => 'leave' as const);
      expect(await stage.take({ judgeLate })).toEqual([]);
      expect(judgeLate).toHaveBeenCalledTimes(1);
    });

    it('is listed with what can be read of it', async () => {
      const [context, policy, good] = [await stage.addJob(), await stage.addJob(), await stage.addJob()];
      await setJob(context, 'context', '{');
      await setJob(policy, 'policy', '{');
      const jobs = await stage.stores.jobs.list(ALL, { limit: 10, offset: 0 });
      const byId = new Map(jobs.map((job) => [job.jobId, job]));
      expect(byId.get(good.jobId)).toEqual(good);
      expect(byId.get(context.jobId)).toMatchObject({ name: context.name, context: { mode: 'unreadable' } });
      expect(byId.get(policy.jobId)).toMatchObject({ name: policy.name, context: policy.context });
    });

    it('keeps its text through an edit that says nothing of it, and loses it by one that does', async () => {
      const job = await stage.addJob();
      await setJob(job, 'context', '{"mode"');
      const textOf = async () =>
        (await stage.stores.query('SELECT context, enabled FROM ecron_job WHERE job_id = ?', [job.jobId]))[0];
      await stage.edit(job, { enabled: false });
      expect(await textOf()).toEqual({ context: '{"mode"', enabled: 0 });
      await stage.edit(job, { context: job.context });
      expect(await textOf()).toEqual({ context: JSON.stringify(job.context), enabled: 0 });
    });

    it('can be mended and deleted though its schedule cannot be read', async () => {
      const [mended, deleted] = [await stage.addJob(), await stage.addJob()];
      for (const job of [mended, deleted]) await setJob(job, 'schedule', 'whenever');
      stage.clock.pass(MINUTE);
      await stage.edit(mended, { schedule: EVERY_SECOND });
      expect((await stage.findJob(mended))?.nextSlotAt).toBe(stage.now + SECOND);
      expect(await stage.stores.jobs.remove(ALL, [deleted.jobId], EDITOR)).toEqual([deleted.jobId]);
    });
  });

  describe('a row in the queue of a cap that is not due', () => {
    it('holds nobody up, and runs when it can', async () => {
      const caps = { perTenant: 1, tenants: {}, perHost: 1 };
      const stage = await Stage.open(open, { ...STORE_DEFAULTS, caps });
      const context = contextOf('http://target.test/');
      const [first, bad] = [
        await stage.insert({ context, nominalAt: T0 - 1 }),
        await stage.insert({ context }),
      ];
      const [run] = await stage.start([first, bad]);
      if (run === undefined) throw new Error('there was no place');
      await stage.record(run, SUCCEEDED);
      const other = await stage.startOne(await stage.insert({ context, tenantId: 'tenant-b' }));
      await stage.stores.query('UPDATE ecron_execution SET due_at = NULL WHERE execute_id = ?', [bad]);
      await stage.stores.waiting.wake(stage.now);
      await stage.record(other, SUCCEEDED);
      await stage.stores.waiting.wake(stage.now);
      expect((await stage.start([bad])).map((one) => one.executeId)).toEqual([bad]);
      await stage.close();
    });
  });
}
