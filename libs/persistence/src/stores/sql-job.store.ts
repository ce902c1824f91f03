import {
  type Actor,
  type Clock,
  type Job,
  planEdit,
  type PolicyDefaults,
  settleDeleted,
  type TenantScope,
} from '@ecron/domain';
import { type Editor, type EditResult, type JobChange, type JobFilter, JobStore } from '@ecron/jobs';
import { type Database } from '../database.js';
import { WriteQueueFullError } from '../sql/write-queue.js';
import { type JobRow } from '../rows/index.js';
import { inList, insertIgnore, type Sql, type SqlValue } from '../sql/sql.js';
import { jobEntry, writeAudit } from './audit-rows.js';
import {
  deleteAhead,
  endVersion,
  findStartedAhead,
  interruptAll,
  interruptSlots,
  writeSettled,
  writeVersion,
} from './job-rows.js';
import { inScope, JOB_COLUMNS, jobValues, toJob } from './mapping.js';
import { admitJobs, QuotaReached } from './sql-quota-rows.js';
import { leaveWebhook, writeWebhook } from './sql-webhook-targets.js';

const MAX_NAME_CHARS = 64;

/** Thrown inside an edit's transaction to undo it. */
class NameTaken extends Error {}

/** Where time stands still, or edits come too late for one moment after another, it is as with any other overload. */
const EDIT_PATIENCE_MS = 10_000;

/** Thrown inside an edit's transaction that is to be tried again at that time. */
class TooSoon extends Error {
  constructor(readonly until: number) {
    super('runs of slots that are still ahead have been started');
  }
}

/** What an edit leaves as it is keeps its text, one that cannot be read too. */
async function replace(sql: Sql, job: Job, before: Job): Promise<void> {
  const values = jobValues(job);
  const same = new Set((['context', 'policy'] as const).filter((name) => job[name] === before[name]));
  const set = JOB_COLUMNS.map((column, at) => ({ column, value: values[at] ?? null })).filter(
    ({ column }) => !same.has(column as 'context' | 'policy'),
  );
  const assignments = set.map(({ column }) => `${column} = ?`).join(', ');
  try {
    await sql.run(`UPDATE ecron_job SET ${assignments} WHERE job_id = ?`, [
      ...set.map(({ value }) => value),
      job.jobId,
    ]);
  } catch (error) {
    throw sql.dialect.isDuplicateKey(error) ? new NameTaken() : error;
  }
}

export class SqlJobStore extends JobStore {
  constructor(
    private readonly database: Database,
    private readonly secret: string,
    private readonly defaults: PolicyDefaults,
    private readonly clock: Clock,
  ) {
    super();
  }

  async insert(job: Job, by: Actor): Promise<'stored' | 'name taken' | 'too many'> {
    try {
      return await this.database.write('edit', (sql) => this.insertOne(sql, job, by));
    } catch (error) {
      if (error instanceof QuotaReached) return 'too many';
      throw error;
    }
  }

  async findByIds(scope: TenantScope, ids: readonly string[]): Promise<Job[]> {
    const jobs = await selectJobs((text, values) => this.database.read<JobRow>(text, values), scope, ids);
    return [...new Set(ids)].flatMap((id) => jobs.get(id) ?? []);
  }

  async list(scope: TenantScope, filter: JobFilter): Promise<Job[]> {
    const tenant = inScope(scope, 'j');
    const type = filter.type === undefined ? [] : [filter.type];
    const created = filter.createdUntil === undefined ? [] : [filter.createdUntil];
    const rows = await this.database.browse<JobRow>(
      `SELECT * FROM ecron_job j WHERE ${tenant.sql} ${type.length ? 'AND j.type = ?' : ''}
       ${created.length ? 'AND j.created_at <= ?' : ''} ORDER BY j.created_at DESC, j.job_id DESC LIMIT ? OFFSET ?`,
      [...tenant.values, ...type, ...created, filter.limit, filter.offset],
    );
    return rows.map(toJob);
  }

  async count(scope: TenantScope, created: { from?: number; until?: number }): Promise<number> {
    const tenant = inScope(scope, 'j');
    const [row] = await this.database.browse<{ total: number }>(
      `SELECT COUNT(*) AS total FROM ecron_job j WHERE ${tenant.sql} AND j.created_at >= ? AND j.created_at <= ?`,
      [...tenant.values, created.from ?? 0, created.until ?? Number.MAX_SAFE_INTEGER],
    );
    return row?.total ?? 0;
  }

  async edit(scope: TenantScope, ids: readonly string[], change: JobChange, by: Editor): Promise<EditResult> {
    try {
      return await this.edits(async (sql) => {
        const jobs = await this.lockJobs(sql, scope, ids);
        if (jobs.size < new Set(ids).size) return { kind: 'unknown' };
        const edits: { before: Job; after: Job }[] = [];
        for (const before of jobs.values())
          edits.push({ before, after: await this.editOne(sql, before, change) });
        for (const { before, after } of edits) await writeWebhook(sql, after, before);
        const entries = edits.map((edit) => jobEntry(by, by.action, edit));
        await writeAudit(sql, entries, this.clock.now());
        return { kind: 'edited', jobs: edits.map(({ after }) => after) };
      });
    } catch (error) {
      if (error instanceof NameTaken) return { kind: 'name taken' };
      throw error;
    }
  }

  remove(scope: TenantScope, ids: readonly string[], by: Actor): Promise<string[]> {
    return this.edits(async (sql) => {
      const jobs = await this.lockJobs(sql, scope, ids);
      const now = this.clock.now();
      for (const job of jobs.values()) {
        await writeSettled(sql, job, settleDeleted(job, now), this.by(now));
        await deleteAhead(sql, job.jobId, now);
        await interruptAll(sql, job.jobId, now);
        await endVersion(sql, job.jobId, now);
        await sql.run('DELETE FROM ecron_job WHERE job_id = ?', [job.jobId]);
        await leaveWebhook(sql, job.jobId, now);
      }
      const gone = [...jobs.values()];
      const entries = gone.map((before) => jobEntry(by, 'job.delete', { before, after: null }));
      await writeAudit(sql, entries, now);
      return [...jobs.keys()];
    });
  }

  private async insertOne(sql: Sql, job: Job, by: Actor): Promise<'stored' | 'name taken'> {
    if (await isNameTaken(sql, job)) return 'name taken';
    await admitJobs(sql, this.defaults.quotas, job.tenantId, 1);
    // Another node may have taken the name since.
    if ((await insertIgnore(sql, 'ecron_job', JOB_COLUMNS, [jobValues(job)])) === 0) return 'name taken';
    await writeVersion(sql, job, job.createdAt);
    await writeWebhook(sql, job, null);
    await writeAudit(sql, [jobEntry(by, 'job.create', { before: null, after: job })], this.clock.now());
    return 'stored';
  }

  private async editOne(sql: Sql, before: Job, change: JobChange): Promise<Job> {
    const now = this.clock.now();
    const { job, isRescheduled, settled } = planEdit(before, change(before), now, this.defaults);
    if (job.name !== before.name && (await isNameTaken(sql, job))) throw new NameTaken();
    await replace(sql, job, before);
    await writeVersion(sql, job, now);
    if (!isRescheduled) return job;
    await writeSettled(sql, before, settled, this.by(now));
    await deleteAhead(sql, job.jobId, now);
    if (!job.enabled) await interruptSlots(sql, job.jobId, now);
    return job;
  }

  /** What is acknowledged holds for every slot that is still ahead: an edit waits until none of them has been started. */
  private async edits<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    for (const begunAt = performance.now(); ;) {
      try {
        return await this.database.write('edit', work);
      } catch (error) {
        if (!(error instanceof TooSoon)) throw error;
        if (performance.now() - begunAt > EDIT_PATIENCE_MS) throw new WriteQueueFullError();
        await new Promise((resolve) => setTimeout(resolve, Math.max(error.until - this.clock.now(), 1)));
      }
    }
  }

  /** Until the transaction ends nobody else claims from them, starts them or edits them. */
  private async lockJobs(sql: Sql, scope: TenantScope, ids: readonly string[]): Promise<Map<string, Job>> {
    const all = (text: string, values: SqlValue[]): Promise<JobRow[]> => sql.all<JobRow>(text, values);
    const jobs = await selectJobs(all, scope, ids, sql.dialect.lock('exclusive'));
    const until = await findStartedAhead(sql, [...jobs.keys()], this.clock.now());
    if (until !== null) throw new TooSoon(until);
    return jobs;
  }

  private by(now: number): { secret: string; defaults: PolicyDefaults; now: number } {
    return { secret: this.secret, defaults: this.defaults, now };
  }
}

async function selectJobs(
  all: (text: string, values: SqlValue[]) => Promise<JobRow[]>,
  scope: TenantScope,
  ids: readonly string[],
  lock = '',
): Promise<Map<string, Job>> {
  const tenant = inScope(scope, 'j');
  const wanted = inList(ids);
  const rows = await all(
    `SELECT * FROM ecron_job j WHERE ${tenant.sql} AND j.job_id IN (${wanted.marks}) ORDER BY j.job_id${lock}`,
    [...tenant.values, ...wanted.values],
  );
  return new Map(rows.map((row) => [row.job_id, toJob(row)]));
}

/** Blanks at the end of a name do not count, as in the service that this one replaces. */
async function isNameTaken(sql: Sql, job: Job): Promise<boolean> {
  const name = job.name.replace(/ +$/, '');
  const rows = await sql.all(
    `SELECT 1 FROM ecron_job WHERE tenant_id = ? AND name >= ? AND name <= ? AND RTRIM(name) = ? AND job_id <> ?`,
    [job.tenantId, name, name.padEnd(MAX_NAME_CHARS + 1), name, job.jobId],
  );
  return rows.length > 0;
}
