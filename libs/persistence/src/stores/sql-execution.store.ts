import {
  type Actor,
  type Attempt,
  type AuditEntry,
  type Clock,
  closeAccepted,
  type Execution,
  isFinal,
  type PolicyDefaults,
  type TenantScope,
} from '@ecron/domain';
import {
  type CallbackResult,
  type CancelResult,
  type ExecutionFilter,
  ExecutionStore,
  MAX_WAITING_RUNS,
  type RequestResult,
  type StatusFilter,
  type StatusReport,
} from '@ecron/jobs';
import { type Database } from '../database.js';
import { type ExecutionRow } from '../rows/index.js';
import { releasePlaces } from '../caps/release-places.js';
import { type Sql, type SqlValue } from '../sql/sql.js';
import { lockExecution, releaseActive } from './active-rows.js';
import { callbackEntry, requestEntry, writeAudit } from './audit-rows.js';
import { cancelRow, lockToCancel } from './cancel-row.js';
import { inScope, JOB_STILL_THERE, toExecution } from './mapping.js';
import { lockReported, reportOne } from './report-rows.js';
import { insertExecution } from './request-rows.js';
import { countRequest, QuotaReached } from './sql-quota-rows.js';
import { countUnheld, countUnheldOfNoJob } from './sleeping-rows.js';
import { queueNotices } from './sql-webhook-notices.js';
import { writeRunWebhook } from './sql-webhook-targets.js';
import {
  bytesOf,
  BY_BEGIN,
  MAX_STATUS_BYTES,
  STATUS_COLUMNS,
  STATUSES_PER_READ,
  statusWhere,
} from './status-rows.js';
import { Where } from './where.js';

export class SqlExecutionStore extends ExecutionStore {
  constructor(
    private readonly database: Database,
    private readonly defaults: PolicyDefaults,
    private readonly clock: Clock,
  ) {
    super();
  }

  async find(scope: TenantScope, executeId: string): Promise<Execution | null> {
    const where = new Where(scope).and('e.execute_id = ?', executeId).and(JOB_STILL_THERE);
    const [execution] = await this.select(where, 'ORDER BY e.execute_id LIMIT ?', 1);
    return execution ?? null;
  }

  list(scope: TenantScope, filter: ExecutionFilter): Promise<Execution[]> {
    const where = new Where(scope).and(JOB_STILL_THERE);
    if (filter.jobId !== undefined) where.and('e.job_id = ?', filter.jobId);
    if (filter.states !== undefined) where.in('e.state', filter.states);
    if (filter.trigger !== undefined) where.and('e.trigger_kind = ?', filter.trigger);
    if (filter.from !== undefined) where.and('e.nominal_at >= ?', filter.from);
    if (filter.to !== undefined) where.and('e.nominal_at < ?', filter.to);
    if (filter.after !== undefined) {
      const { nominalAt, executeId } = filter.after;
      where
        .and('e.nominal_at <= ?', nominalAt)
        .and('(e.nominal_at < ? OR e.execute_id < ?)', nominalAt, executeId);
    }
    return this.select(where, 'ORDER BY e.nominal_at DESC, e.execute_id DESC LIMIT ?', filter.limit);
  }

  /** In reads of a bounded size, so that no answer keeps all others waiting or fills the memory. */
  async listStatuses(scope: TenantScope, filter: StatusFilter): Promise<Execution[]> {
    const found: ExecutionRow[] = [];
    for (let bytes = 0; found.length < filter.limit && bytes < MAX_STATUS_BYTES;) {
      const limit = Math.min(STATUSES_PER_READ, filter.limit - found.length);
      const where = statusWhere(scope, filter, this.clock.now(), found.at(-1));
      const rows = await this.browseRows(STATUS_COLUMNS.join(', '), where, BY_BEGIN, limit);
      found.push(...rows);
      bytes += bytesOf(rows);
      if (rows.length < limit) break;
    }
    return found.map(toExecution);
  }

  async insertRequest(execution: Execution, by: Actor): Promise<RequestResult> {
    try {
      return await this.database.write('edit', (sql) => this.insertOne(sql, execution, by));
    } catch (error) {
      if (error instanceof QuotaReached && error.until !== null)
        return { kind: 'too often', until: error.until };
      throw error;
    }
  }

  completeByCallback(
    scope: TenantScope,
    executeId: string,
    result: string,
    by: Actor,
  ): Promise<CallbackResult> {
    return this.database.write('record', async (sql) => {
      await lockExecution(sql, executeId, scope);
      const execution = await findById(sql, executeId, scope);
      if (execution === null) return 'unknown';
      // What has never run has no target that could report on it.
      if (execution.epoch === 0) return 'unknown';
      const now = this.clock.now();
      if (isFinal(execution.state)) return keepLateResult(sql, execution, result, { by, now });
      if (this.defaults.caps !== undefined) await releasePlaces(sql, [execution]);
      return succeed(sql, execution, result, { by, now });
    });
  }

  cancel(scope: TenantScope, executeId: string, note: string, by: Actor): Promise<CancelResult> {
    return this.database.write('edit', async (sql) => {
      await lockToCancel(sql, scope, executeId);
      const execution = await findById(sql, executeId, scope);
      return execution === null ? 'unknown' : cancelRow(sql, execution, note, { by, now: this.clock.now() });
    });
  }

  report(scope: TenantScope, tenantId: string, items: readonly StatusReport[], by: Actor): Promise<string[]> {
    return this.database.write('edit', async (sql) => {
      const refused: string[] = [];
      await lockReported(sql, scope, items);
      const reporter = { scope, tenantId, now: this.clock.now(), defaults: this.defaults, by };
      const changed: StatusReport[] = [];
      const entries: AuditEntry[] = [];
      for (const item of items) {
        const reported = await reportOne(sql, reporter, item);
        if (reported === 'refused') refused.push(item.jobId);
        if (reported === 'refused' || reported === 'unchanged') continue;
        changed.push(item);
        entries.push(reported);
      }
      await writeAudit(sql, entries, reporter.now);
      await queueNotices(sql, changed, reporter.now);
      return refused;
    });
  }

  private async insertOne(sql: Sql, execution: Execution, by: Actor): Promise<RequestResult> {
    const now = this.clock.now();
    const known = await findById(sql, execution.executeId);
    if (known === null && (await isFull(sql, execution))) return { kind: 'too many' };
    if (known === null && (await insertExecution(sql, execution))) {
      await countRequest(sql, this.defaults.quotas, execution.tenantId, now);
      await writeAudit(sql, [requestEntry(by, execution)], now);
      await writeRunWebhook(sql, execution);
      return { kind: 'stored' };
    }
    // Not known, yet not stored: another node has just stored it.
    const found = known ?? (await findById(sql, execution.executeId));
    return found?.tenantId === execution.tenantId
      ? { kind: 'exists', execution: found }
      : { kind: 'foreign' };
  }

  private async select(where: Where, order: string, limit: number): Promise<Execution[]> {
    return (await this.browseRows('e.*', where, order, limit)).map(toExecution);
  }

  private browseRows(columns: string, where: Where, order: string, limit: number): Promise<ExecutionRow[]> {
    return this.database.browse<ExecutionRow>(
      `SELECT ${columns} FROM ecron_execution e WHERE ${where.sql} ${order}`,
      [...where.values, limit],
    );
  }
}

async function isFull(sql: Sql, { jobId, jobVersion, tenantId }: Execution): Promise<boolean> {
  const waiting = jobVersion > 0 ? countUnheld(sql, jobId) : countUnheldOfNoJob(sql, tenantId);
  return (await waiting) >= MAX_WAITING_RUNS;
}

async function findById(
  sql: Sql,
  executeId: string,
  scope: TenantScope = { allTenants: true },
): Promise<Execution | null> {
  const tenant = inScope(scope, 'e');
  const [row] = await sql.all<ExecutionRow>(
    `SELECT e.* FROM ecron_execution e WHERE e.execute_id = ? AND ${tenant.sql}`,
    [executeId, ...tenant.values],
  );
  return row === undefined ? null : toExecution(row);
}

async function keepLateResult(
  sql: Sql,
  execution: Execution,
  result: string,
  { by, now }: { by: Actor; now: number },
): Promise<CallbackResult> {
  const kept = await sql.run(
    'UPDATE ecron_execution SET result = ?, callback_at = ? WHERE execute_id = ? AND callback_at IS NULL',
    [result, now, execution.executeId],
  );
  if (kept > 0) await writeAudit(sql, [callbackEntry(by, execution, { ...execution, result })], now);
  return 'already final';
}

async function succeed(
  sql: Sql,
  execution: Execution,
  result: string,
  { by, now }: { by: Actor; now: number },
): Promise<CallbackResult> {
  const reason = execution.reason === 'misfire' ? 'misfire' : '';
  const values: SqlValue[] = [
    reason,
    now,
    now,
    result,
    JSON.stringify(closeAttempt(execution, now)),
    execution.executeId,
  ];
  await sql.run(
    `UPDATE ecron_execution SET state = 'succeeded', reason = ?, ended_at = ?, callback_at = ?, result = ?, attempts = ?, error = '',
       due_at = NULL, holder = '' WHERE execute_id = ?`,
    values,
  );
  await releaseActive(sql, [execution]);
  const ended = { ...execution, state: 'succeeded' as const, reason, result } as const;
  await writeAudit(sql, [callbackEntry(by, execution, ended)], now);
  await queueNotices(sql, [execution], now);
  return 'ended';
}

/** A running attempt has no entry yet; an accepted one has, and it is the callback that decides how it ended. */
function closeAttempt(execution: Execution, now: number): Attempt[] {
  const { attempts, attempt, nodeId, startedAt, state } = execution;
  if (state === 'running') {
    return [
      ...attempts,
      { attempt, node_id: nodeId, started_at: startedAt ?? now, ended_at: now, outcome: 'succeeded' },
    ];
  }
  return closeAccepted(attempts, attempt, { ended_at: now, outcome: 'succeeded' });
}
