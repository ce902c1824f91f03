import { closeAccepted, type Execution, isFinal } from '@ecron/domain';
import { type CancelResult } from '@ecron/jobs';
import { releasePlaces } from '../caps/release-places.js';
import { JOBS, lockRows } from '../sql/row-locks.js';
import { type Sql } from '../sql/sql.js';
import { lockExecution, releaseActive } from './active-rows.js';

/** A record that has looked whether its run is cancelled has been written, or looks again. */
export async function lockToCancel(sql: Sql, executeId: string): Promise<void> {
  if (!sql.dialect.locksRows) return;
  const rows = await sql.all<{ job_id: string }>(
    'SELECT job_id FROM ecron_execution WHERE execute_id = ? AND job_version > 0',
    [executeId],
  );
  const jobIds = rows.map((row) => row.job_id);
  await lockRows(sql, JOBS, jobIds, 'exclusive');
  await lockExecution(sql, executeId);
}

/** Cancels an execution whose row is locked. */
export async function cancelRow(
  sql: Sql,
  execution: Execution,
  note: string,
  now: number,
): Promise<CancelResult> {
  if (isFinal(execution.state)) return 'already final';
  if (execution.state !== 'running') return end(sql, execution, note, now);
  await sql.run(
    `UPDATE ecron_execution SET cancel_at = ?, cancel_reason = 'cancelled', error = ?
     WHERE execute_id = ? AND state = 'running' AND cancel_at IS NULL`,
    [now, note, execution.executeId],
  );
  return 'marked';
}

async function end(sql: Sql, execution: Execution, note: string, now: number): Promise<CancelResult> {
  const { executeId, attempt } = execution;
  const attempts = closeAccepted(execution.attempts, attempt, { ended_at: now, outcome: 'interrupted' });
  await sql.run(
    `UPDATE ecron_execution SET state = 'interrupted', reason = 'cancelled', ended_at = ?, cancel_at = ?,
       cancel_reason = 'cancelled', error = ?, attempts = ?, due_at = NULL, holder = '' WHERE execute_id = ?`,
    [now, now, note, JSON.stringify(attempts), executeId],
  );
  await releaseActive(sql, [execution]);
  // Also those that were kept for its next start.
  await releasePlaces(sql, [{ executeId, epoch: execution.epoch + 1 }]);
  return 'ended';
}
