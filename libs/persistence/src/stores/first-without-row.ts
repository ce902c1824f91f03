import { type DueJob } from '@ecron/scheduling';
import { type Sql } from '../sql/sql.js';

const ROWS_PER_LOOK = 500;

/** From the last row that begins at or before a slot: only that one can reach it from before. */
const ROWS_FROM = `SELECT slot_at, COALESCE(slot_to, slot_at) AS until FROM ecron_execution
  WHERE job_id = ? AND slot_at >= COALESCE((SELECT MAX(slot_at) FROM ecron_execution WHERE job_id = ? AND slot_at <= ?), ?)
  ORDER BY slot_at LIMIT ?`;

/** The job's first slot after an instant that has no row, neither its own nor that of a range. The job is locked. */
export async function firstWithoutRow(
  sql: Sql,
  job: DueJob,
  after: number,
  next: (job: DueJob, after: number) => number | null,
): Promise<number | null> {
  let slot = next(job, after);
  for (let more = true; more && slot !== null;) {
    const values = [job.jobId, job.jobId, slot, slot, ROWS_PER_LOOK];
    const rows = await sql.all<{ slot_at: number; until: number }>(ROWS_FROM, values);
    for (const { slot_at, until } of rows) {
      if (slot === null || slot_at > slot) return slot;
      if (until >= slot) slot = next(job, until);
    }
    more = rows.length === ROWS_PER_LOOK;
  }
  return slot;
}
