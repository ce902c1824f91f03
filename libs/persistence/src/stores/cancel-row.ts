import { type Actor, closeAccepted, type Execution, isFinal, type TenantScope } from '@ecron/domain';
import { type CancelResult } from '@ecron/jobs';
import { releasePlaces } from '../caps/release-places.js';
import { JOBS, lockRows } from '../sql/row-locks.js';
import { type Sql } from '../sql/sql.js';
import { lockExecution, releaseActive } from './active-rows.js';
import { inScope } from './mapping.js';
import { queueNotices } from './sql-webhook-notices.js';
import { executionEntry, stateOf, writeAudit } from './audit-rows.js';

/** A record that has looked whether its run is cancelled has been written, or looks again. */
export async function lockToCancel(sql: Sql, scope: TenantScope, executeId: string): Promise<void> {
  if (!sql.dialect.locksRows) return;
  const tenant = inScope(scope, 'e');
  const rows = await sql.all<{ job_id: string }>(
    `SELECT e.job_id FROM ecron_execution e WHERE e.execute_id = ? AND e.job_version > 0 AND ${tenant.sql}`,
    [executeId, ...tenant.values],
  );
  const jobIds = rows.map((row) => row.job_id);
  await lockRows(sql, JOBS, jobIds, 'exclusive');
  await lockExecution(sql, executeId, scope);
}

interface Canceller {
  by: Actor;
  now: number;
}

/** Cancels an execution whose row is locked. */
export async function cancelRow(
  sql: Sql,
  execution: Execution,
  note: string,
  canceller: Canceller,
): Promise<CancelResult> {
  if (isFinal(execution.state)) return 'already final';
  if (execution.state !== 'running') return end(sql, execution, note, canceller);
  const marked = await sql.run(
    `UPDATE ecron_execution SET cancel_at = ?, cancel_reason = 'cancelled', error = ?
     WHERE execute_id = ? AND state = 'running' AND cancel_at IS NULL`,
    [canceller.now, note, execution.executeId],
  );
  if (marked > 0) await record(sql, execution, { ...execution, cancelReason: 'cancelled' }, canceller);
  return 'marked';
}

async function record(sql: Sql, before: Execution, after: Execution, { by, now }: Canceller): Promise<void> {
  const isEnd = after.state !== before.state;
  const entry = executionEntry(by, 'execution.cancel', before, {
    before: stateOf(before),
    after: stateOf(after),
    fields: isEnd ? ['state', 'reason'] : ['cancel_requested_at'],
    result: isEnd ? 'ended' : 'marked',
  });
  await writeAudit(sql, [entry], now);
}

async function end(
  sql: Sql,
  execution: Execution,
  note: string,
  canceller: Canceller,
): Promise<CancelResult> {
  const { now } = canceller;
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
  await queueNotices(sql, [execution], now);
  const ended = { state: 'interrupted', reason: 'cancelled', cancelReason: 'cancelled' } as const;
  await record(sql, execution, { ...execution, ...ended }, canceller);
  return 'ended';
}
