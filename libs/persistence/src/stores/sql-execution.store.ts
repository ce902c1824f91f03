import {
  type Attempt,
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
import { EXECUTIONS, lockRows } from '../sql/row-locks.js';
import { type Sql, type SqlValue } from '../sql/sql.js';
import { lockExecution, releaseActive } from './active-rows.js';
import { cancelRow, lockToCancel } from './cancel-row.js';
import { inScope, JOB_STILL_THERE, toExecution } from './mapping.js';
import { reportOne } from './report-rows.js';
import { insertExecution } from './request-rows.js';
import { countUnheld, countUnheldOfNoJob } from './sleeping-rows.js';
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

  insertRequest(execution: Execution): Promise<RequestResult> {
    return this.database.write('edit', async (sql) => {
      const known = await findById(sql, execution.executeId);
      if (known === null && (await isFull(sql, execution))) return { kind: 'too many' };
      if (known === null && (await insertExecution(sql, execution))) return { kind: 'stored' };
      // Not known, yet not stored: another node has just stored it.
      const found = known ?? (await findById(sql, execution.executeId));
      return found?.tenantId === execution.tenantId
        ? { kind: 'exists', execution: found }
        : { kind: 'foreign' };
    });
  }

  completeByCallback(scope: TenantScope, executeId: string, result: string): Promise<CallbackResult> {
    return this.database.write('record', async (sql) => {
      await lockExecution(sql, executeId);
      const execution = await findById(sql, executeId, scope);
      if (execution === null) return 'unknown';
      // What has never run has no target that could report on it.
      if (execution.epoch === 0) return 'unknown';
      const now = this.clock.now();
      if (isFinal(execution.state)) return keepLateResult(sql, execution, result, now);
      if (this.defaults.caps !== undefined) await releasePlaces(sql, [execution]);
      return succeed(sql, execution, result, now);
    });
  }

  cancel(scope: TenantScope, executeId: string, note: string): Promise<CancelResult> {
    return this.database.write('edit', async (sql) => {
      await lockToCancel(sql, executeId);
      const execution = await findById(sql, executeId, scope);
      return execution === null ? 'unknown' : cancelRow(sql, execution, note, this.clock.now());
    });
  }

  report(scope: TenantScope, tenantId: string, items: readonly StatusReport[]): Promise<string[]> {
    return this.database.write('edit', async (sql) => {
      const refused: string[] = [];
      const ids = items.map((item) => item.executeId);
      await lockRows(sql, EXECUTIONS, ids, 'exclusive');
      const reporter = { scope, tenantId, now: this.clock.now(), defaults: this.defaults };
      for (const item of items) if (!(await reportOne(sql, reporter, item))) refused.push(item.jobId);
      return refused;
    });
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
  { executeId }: Execution,
  result: string,
  now: number,
): Promise<CallbackResult> {
  await sql.run(
    'UPDATE ecron_execution SET result = ?, callback_at = ? WHERE execute_id = ? AND callback_at IS NULL',
    [result, now, executeId],
  );
  return 'already final';
}

async function succeed(sql: Sql, execution: Execution, result: string, now: number): Promise<CallbackResult> {
  const values: SqlValue[] = [
    execution.reason === 'misfire' ? 'misfire' : '',
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
