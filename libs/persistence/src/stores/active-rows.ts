import { type TenantScope } from '@ecron/domain';
import { ACTIVE, CAPS, EXECUTIONS, lockRows } from '../sql/row-locks.js';
import { inList, type Sql } from '../sql/sql.js';
import { inScope } from './mapping.js';

/** Before the rows of executions are written that may end: what is to be given back is locked first. */
export function lockActive(sql: Sql, ended: readonly { jobId: string }[]): Promise<void> {
  return lockRows(
    sql,
    ACTIVE,
    ended.map((e) => e.jobId),
    'exclusive',
  );
}

/**
 * Locks an execution's row, and before it its job's active row and the caps that it has places of. Outside the scope it
 * locks nothing.
 */
export async function lockExecution(
  sql: Sql,
  executeId: string,
  scope: TenantScope = { allTenants: true },
): Promise<void> {
  if (!sql.dialect.locksRows) return;
  const tenant = inScope(scope, 'e');
  const rows = await sql.all<{ job_id: string; cap_key: string | null }>(
    `SELECT e.execute_id, e.job_id, p.cap_key FROM ecron_execution e
     LEFT JOIN ecron_cap_place p ON p.execute_id = e.execute_id WHERE e.execute_id = ? AND ${tenant.sql}`,
    [executeId, ...tenant.values],
  );
  if (rows.length === 0) return;
  await lockActive(
    sql,
    rows.map((row) => ({ jobId: row.job_id })),
  );
  await lockRows(
    sql,
    CAPS,
    rows.flatMap((row) => row.cap_key ?? []),
    'exclusive',
  );
  await lockRows(sql, EXECUTIONS, [executeId], 'exclusive');
}

/** Gives back the active rows of those of the executions that have really ended. */
export async function releaseActive(
  sql: Sql,
  ended: readonly { jobId: string; executeId: string }[],
): Promise<void> {
  if (ended.length === 0) return;
  const jobs = inList(ended.map((e) => e.jobId));
  const executions = inList(ended.map((e) => e.executeId));
  await sql.run(
    `${sql.dialect.deleteFrom('ecron_job_active')} WHERE job_id IN (${jobs.marks}) AND execute_id IN (${executions.marks})
       AND NOT EXISTS (SELECT 1 FROM ecron_execution e WHERE e.execute_id = ecron_job_active.execute_id
         AND e.state IN ('waiting', 'running', 'accepted'))`,
    [...jobs.values, ...executions.values],
  );
}
