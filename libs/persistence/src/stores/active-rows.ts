import { inList, type Sql } from '../sql/sql.js';

/** Gives back the active rows of those of the executions that have really ended. */
export async function releaseActive(
  sql: Sql,
  ended: readonly { jobId: string; executeId: string }[],
): Promise<void> {
  if (ended.length === 0) return;
  const jobs = inList(ended.map((e) => e.jobId));
  const executions = inList(ended.map((e) => e.executeId));
  await sql.run(
    `DELETE FROM ecron_job_active WHERE job_id IN (${jobs.marks}) AND execute_id IN (${executions.marks})
       AND NOT EXISTS (SELECT 1 FROM ecron_execution e WHERE e.execute_id = ecron_job_active.execute_id
         AND e.state IN ('waiting', 'running', 'accepted'))`,
    [...jobs.values, ...executions.values],
  );
}
