import { inList, type Sql } from '../sql/sql.js';
import { releaseActive } from './active-rows.js';
import { activate } from '../transactions/start-rows.js';

/** Sleepers of jobs that are free, oldest first. */
export const WAKEABLE = `SELECT e.execute_id, e.job_id, e.job_version FROM ecron_execution e
  WHERE e.state = 'waiting' AND e.holder = '' AND e.due_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM ecron_job_active a JOIN ecron_execution r ON r.execute_id = a.execute_id
    WHERE a.job_id = e.job_id AND r.state IN ('waiting', 'running', 'accepted') AND r.execute_id <> e.execute_id)
  ORDER BY e.nominal_at, e.execute_id LIMIT ?`;

interface Sleeper {
  execute_id: string;
  job_id: string;
  job_version: number;
}

/**
 * Makes the oldest sleeper of each free job due and gives it the job, as a retry has it: what else sleeps behind
 * that job, or comes due, stays behind it. Resolves with how many.
 */
export async function wakeSome(sql: Sql, now: number, limit: number): Promise<number> {
  const first = new Map<string, Sleeper>();
  for (const row of await sql.all<Sleeper>(WAKEABLE, [limit]))
    if (!first.has(row.job_id)) first.set(row.job_id, row);
  const rows = [...first.values()].sort((a, b) => (a.job_id < b.job_id ? -1 : 1));
  const woken = [...(await activate(sql, rows))];
  if (woken.length === 0) return 0;
  const ids = inList(woken);
  const changed = await sql.run(
    `${sql.dialect.update('ecron_execution')} SET due_at = ?, reason = ''
     WHERE execute_id IN (${ids.marks}) AND ${sql.dialect.isWaiting} AND due_at IS NULL`,
    [now, ...ids.values],
  );
  // Of those that have ended since they were found.
  if (changed < woken.length)
    await releaseActive(
      sql,
      rows.map((row) => ({ jobId: row.job_id, executeId: row.execute_id })),
    );
  return changed;
}

/**
 * Runs of a job that wait and that no analysis node has in its heap; those are bounded by the heaps. By the index on
 * states, for which the job is hidden from the planner: of a job's rows most have ended.
 */
export async function countUnheld(sql: Sql, jobId: string): Promise<number> {
  const [row] = await sql.all<{ total: number }>(
    `SELECT COUNT(*) AS total FROM ecron_execution
     WHERE state = 'waiting' AND holder = '' AND COALESCE(job_id, '') = ? AND job_version > 0`,
    [jobId],
  );
  return row?.total ?? 0;
}

/** Runs of no job that a tenant has waiting and that no analysis node has in its heap. By the same index. */
export async function countUnheldOfNoJob(sql: Sql, tenantId: string): Promise<number> {
  const [row] = await sql.all<{ total: number }>(
    `SELECT COUNT(*) AS total FROM ecron_execution
     WHERE state = 'waiting' AND holder = '' AND job_version = 0 AND COALESCE(tenant_id, '') = ?`,
    [tenantId],
  );
  return row?.total ?? 0;
}
