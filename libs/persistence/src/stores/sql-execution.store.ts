import {
  type Attempt,
  type Clock,
  type Execution,
  isFinal,
  type PolicyDefaults,
  type TenantScope,
} from '@ecron/domain';
import {
  type CallbackResult,
  type ExecutionFilter,
  ExecutionStore,
  type RequestResult,
  type StatusFilter,
  type StatusReport,
} from '@ecron/jobs';
import { type Database } from '../database.js';
import { type ExecutionRow } from '../rows/index.js';
import { type Sql, type SqlValue } from '../sql/sql.js';
import { releaseActive } from './active-rows.js';
import { inScope, JOB_STILL_THERE, toExecution } from './mapping.js';
import { reportOne } from './report-rows.js';
import { insertExecution } from './request-rows.js';
import { Where } from './where.js';

/** What old clients know: nothing that was skipped or missed, and no slot that is still ahead. */
const KNOWN_TO_OLD_CLIENTS = `e.state NOT IN ('skipped', 'missed') AND (e.epoch > 0 OR e.nominal_at <= ?)`;
const BEGIN = 'COALESCE(e.begun_at, e.nominal_at)';

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
      where.and('(e.nominal_at, e.execute_id) < (?, ?)', nominalAt, executeId);
    }
    return this.select(where, 'ORDER BY e.nominal_at DESC, e.execute_id DESC LIMIT ?', filter.limit);
  }

  listStatuses(scope: TenantScope, filter: StatusFilter): Promise<Execution[]> {
    const where = new Where(scope).and(JOB_STILL_THERE).and(KNOWN_TO_OLD_CLIENTS, this.clock.now());
    if (filter.jobId !== undefined) where.and('e.job_id = ?', filter.jobId);
    if (filter.jobType !== undefined) where.and('e.job_type = ?', filter.jobType);
    if (filter.states !== undefined) where.in('e.state', filter.states);
    if (filter.beginFrom !== undefined) where.and(`${BEGIN} >= ?`, filter.beginFrom);
    if (filter.beginUntil !== undefined) where.and(`${BEGIN} <= ?`, filter.beginUntil);
    return this.select(where, `ORDER BY ${BEGIN} DESC, e.execute_id DESC LIMIT ?`, filter.limit);
  }

  insertRequest(execution: Execution): Promise<RequestResult> {
    return this.database.write('edit', async (sql) => {
      if (await insertExecution(sql, execution)) return { kind: 'stored' };
      const found = await findById(sql, execution.executeId);
      return found?.tenantId === execution.tenantId
        ? { kind: 'exists', execution: found }
        : { kind: 'foreign' };
    });
  }

  completeByCallback(scope: TenantScope, executeId: string, result: string): Promise<CallbackResult> {
    return this.database.write('record', async (sql) => {
      const execution = await findById(sql, executeId, scope);
      if (execution === null) return 'unknown';
      // What has never run has no target that could report on it.
      if (execution.epoch === 0) return 'unknown';
      const now = this.clock.now();
      return isFinal(execution.state)
        ? keepLateResult(sql, execution, result, now)
        : succeed(sql, execution, result, now);
    });
  }

  report(scope: TenantScope, tenantId: string, items: readonly StatusReport[]): Promise<string[]> {
    return this.database.write('edit', async (sql) => {
      const refused: string[] = [];
      const reporter = { scope, tenantId, now: this.clock.now(), defaults: this.defaults };
      for (const item of items) if (!(await reportOne(sql, reporter, item))) refused.push(item.jobId);
      return refused;
    });
  }

  private async select(where: Where, order: string, limit: number): Promise<Execution[]> {
    const rows = await this.database.read<ExecutionRow>(
      `SELECT e.* FROM ecron_execution e WHERE ${where.sql} ${order}`,
      [...where.values, limit],
    );
    return rows.map(toExecution);
  }
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
    now,
    now,
    result,
    JSON.stringify(closeAttempt(execution, now)),
    execution.executeId,
  ];
  await sql.run(
    `UPDATE ecron_execution SET state = 'succeeded', reason = '', ended_at = ?, callback_at = ?, result = ?, attempts = ?, error = '',
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
  if (state !== 'accepted') return attempts;
  return attempts.map((entry) =>
    entry.attempt === attempt ? { ...entry, ended_at: now, outcome: 'succeeded' } : entry,
  );
}
