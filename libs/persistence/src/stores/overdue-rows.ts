import { type Trigger } from '@ecron/domain';
import { type BadRows, type OverdueCallback } from '@ecron/scheduling';
import { type Database } from '../database.js';
import { type ExecutionRow } from '../rows/index.js';
import { policyOf, type Tell, toAttempts } from './stored-json.js';

type OverdueRow = ExecutionRow & { stored_policy: string | null; mode: string | null };

export async function findOverdueCallbacks(
  database: Database,
  now: number,
  limit: number,
  bad: BadRows,
): Promise<OverdueCallback[]> {
  const rows = await database.read<OverdueRow>(
    `SELECT e.*, j.policy AS stored_policy, j.mode FROM ecron_execution e LEFT JOIN ecron_job j ON j.job_id = e.job_id AND e.job_version > 0
     WHERE e.state = 'accepted' AND e.holder = '' AND e.due_at <= ? ORDER BY e.due_at LIMIT ?`,
    [now, limit],
  );
  return rows.map((row) => toOverdue(row, (rule) => bad.tell(`execution ${row.execute_id}`, rule)));
}

function toOverdue(row: OverdueRow, tell: Tell): OverdueCallback {
  return {
    executeId: row.execute_id,
    jobId: row.job_id,
    epoch: row.epoch,
    trigger: row.trigger_kind as Trigger,
    attempt: row.attempt,
    nodeId: '',
    begunAt: row.begun_at ?? row.nominal_at,
    startedAt: row.started_at ?? row.nominal_at,
    attempts: toAttempts(row.attempts, tell),
    policy: policyOf(row, tell),
    mode: row.mode ?? 'http',
  };
}
