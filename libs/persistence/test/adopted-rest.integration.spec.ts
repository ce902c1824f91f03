import { JOB_MODES, type PolicyDefaults } from '@ecron/domain';
import {
  CallbackService,
  type Caller,
  type Doorbell,
  JobService,
  type JobSettings,
  StatusService,
} from '@ecron/jobs';
import { AesSealer, SqlExecutionStore, SqlJobStore, SqlWaitingStore } from '@ecron/persistence';
import { describeWith, FakeClock } from '@ecron/testing';
import { ADOPTED_AT, LegacyDatabase, OLD_ZONE } from './legacy-database.js';

const ME: Caller = { userId: 'me', clientId: 'tenant-a', isAdmin: false, requestId: 'call' };
const ADMIN: Caller = { userId: 'root', clientId: 'admin', isAdmin: true, requestId: 'call' };
const DEFAULTS: PolicyDefaults = { maxAttempts: 3, completion: 'callback' };
const SETTINGS: JobSettings = {
  timeZone: OLD_ZONE,
  policyDefaults: DEFAULTS,
  modes: { names: JOB_MODES, readOptions: () => null, findFault: () => null },
  sealer: new AesSealer([]),
  serviceId: 'service',
  commandTenants: [],
};

const silent: Doorbell = {
  jobChanged: () => Promise.resolve(),
  executionRequested: () => Promise.resolve(),
  executionEnded: () => Promise.resolve(),
};

function serve({ database }: LegacyDatabase, clock: FakeClock) {
  const jobStore = new SqlJobStore(database, 'secret', DEFAULTS, clock);
  const executions = new SqlExecutionStore(database, DEFAULTS, clock);
  return {
    jobs: new JobService(jobStore, silent, clock, SETTINGS),
    statuses: new StatusService(jobStore, executions, SETTINGS, silent),
    callbacks: new CallbackService(executions, silent, clock, SETTINGS),
    waiting: new SqlWaitingStore(database, DEFAULTS),
  };
}

describeWith('mariadb', 'old data over the old REST', (endpoint) => {
  let old: LegacyDatabase;
  let api: ReturnType<typeof serve>;
  let clock: FakeClock;
  beforeEach(async () => {
    old = await LegacyDatabase.create(endpoint);
    await old.adopt();
    clock = new FakeClock(ADOPTED_AT + 60_000);
    api = serve(old, clock);
  });
  afterEach(() => old.close());

  const statusOf = async (executeId: string, caller = ADMIN) => {
    const all = await api.statuses.list(caller, { begin_at: '2000-01-01T00:00:00Z' });
    return all.find((status) => status.execute_id === executeId);
  };

  it('shows a job as it was, in the zone of the old process', async () => {
    const [job] = await api.jobs.listByIds(ME, ['plain']);
    expect(job).toMatchObject({
      job_id: 'plain',
      job_name: 'nightly report',
      job_cron_time: '0 0 9 * * 1-5',
      job_type: 'scheduled',
      job_context: {
        mode: 'http',
        info: { body: { n: 12.5, t: '好' } },
        policy: { completion: 'callback', dst: 'robfig' },
      },
      tenant_id: 'tenant-a',
      enabled: true,
      remarks: 'a remark',
      created_at: '2020-09-13T20:26:40+08:00',
      updated_at: '2020-09-13T20:27:40+08:00',
      time_zone: OLD_ZONE,
      next_slot_at: '2026-11-25T09:00:00+08:00',
    });
  });

  it('counts the jobs of a tenant, and shows every one of them', async () => {
    const { total } = await api.jobs.total(ME, undefined, undefined);
    const listed = await api.jobs.list(ME, { limit: '1000' });
    expect([total, listed.length]).toEqual([12, 12]);
    expect((await api.jobs.total(ADMIN, undefined, undefined)).total).toBe(15);
  });

  it('shows a run as it was', async () => {
    const status = (await api.statuses.list(ME, { job_id: 'plain', job_status: 'abandon' }))[0];
    expect(status).toEqual({
      execute_id: 'abandon',
      job_id: 'plain',
      job_type: 'scheduled',
      job_name: 'nightly report',
      job_status: 'abandon',
      begin_at: '2026-11-22T17:00:00+08:00',
      end_at: '2026-11-22T17:00:01+08:00',
      executor: [
        { executor_id: 'node-1', executed_at: '2026-11-22T17:00:00+08:00' },
        { executor_id: 'node-1', executed_at: '2026-11-22T17:00:00+08:00' },
        { executor_id: 'node-2', executed_at: '2026-11-22T17:00:01+08:00' },
      ],
      execute_times: 3,
      ext_info: { is_deleted: 0, tenant_id: 'tenant-a', result: null },
    });
  });

  it('shows no run of a job that was deleted, and each only to its tenant', async () => {
    const mine = (await api.statuses.list(ME, { begin_at: '2000-01-01T00:00:00Z' })).map((s) => s.execute_id);
    expect(mine).toEqual(expect.arrayContaining(['success', 'fresh', 'orphan', 'left', 'silent']));
    expect(mine).not.toEqual(expect.arrayContaining(['marked']));
    expect(mine.filter((id) => ['failure', 'interrupt', 'child'].includes(id))).toEqual([]);
    expect(await statusOf('marked')).toBeUndefined();
  });

  it('ends by its callback what was left executing, and lets its job go on', async () => {
    await api.callbacks.complete(ME, 'fresh', { rows: 3 });
    expect(await statusOf('fresh')).toMatchObject({
      job_status: 'success',
      end_at: '2026-11-24T17:01:30+08:00',
      ext_info: { result: { rows: 3 } },
    });
    expect(await old.rows('SELECT * FROM ecron_job_active')).toEqual([]);
  });

  it('stores the result of a callback for a run that had ended, and changes nothing else', async () => {
    await api.callbacks.complete(ME, 'success', { late: true });
    expect(await statusOf('success')).toMatchObject({
      job_status: 'success',
      end_at: '2026-11-23T17:01:00+08:00',
      ext_info: { result: { late: true } },
    });
  });

  it('ends by the report of an outsider what was left executing', async () => {
    const item = { execute_id: 'overdue', job_id: 'quotes', job_type: 'scheduled', job_name: 'x' };
    const report = { ...item, job_status: 'failure', end_at: '2026-11-24T17:00:00+08:00', execute_times: 1 };
    expect(await api.statuses.report(ME, [report])).toEqual([]);
    expect(await statusOf('overdue')).toMatchObject({
      job_status: 'failure',
      end_at: '2026-11-24T17:00:00+08:00',
    });
  });

  it('hands what is never heard of again to the sweeper as an outsider’s, which runs nothing a second time', async () => {
    const due = ADOPTED_AT + 3_600_000;
    const overdue = await api.waiting.findOverdueCallbacks(due, 10);
    expect(overdue.map(({ executeId, trigger }) => [executeId, trigger]).sort()).toEqual([
      ['fresh', 'external'],
      ['overdue', 'external'],
    ]);
    const end = { state: 'interrupted', reason: 'no word', endedAt: due, dueAt: null, error: '' } as const;
    for (const run of overdue) await api.waiting.settleAccepted(run, { ...end, attempts: run.attempts });
    expect(await statusOf('overdue')).toMatchObject({ job_status: 'interrupt' });
    expect(await old.rows('SELECT * FROM ecron_job_active')).toEqual([]);
  });

  it('keeps zone and policy through the edit of a client that knows neither', async () => {
    const [{ job_context: context } = never()] = await api.jobs.listByIds(ME, ['never']);
    const oldContext: Partial<typeof context> = { ...context };
    delete oldContext.policy;
    await api.jobs.replace(ME, 'never', {
      job_name: 'edited',
      job_cron_time: '0 0 0 30 2 ?',
      job_type: 'scheduled',
      job_context: oldContext,
      enabled: true,
    });
    await api.jobs.setEnabled(ME, 'never', false);
    await api.jobs.setWebhook(ME, 'never', { webhook: 'http://hook.test' });
    const [job] = await old.rows(
      `SELECT name, time_zone, policy, version FROM ecron_job WHERE job_id = 'never'`,
    );
    expect(job).toEqual({
      name: 'edited',
      time_zone: OLD_ZONE,
      policy: '{"completion":"callback","dst":"robfig"}',
      version: 4,
    });
  });
});

const never = (): never => {
  throw new Error('not found');
};
