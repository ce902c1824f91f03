import { type Execution } from '@ecron/domain';
import { isSlotExecuteId } from '@ecron/scheduling';
import { insertIgnore, type Sql, type SqlValue } from '../sql/sql.js';

/** What is written of an execution that is for no slot. */
export const EXECUTION_COLUMNS = [
  'execute_id',
  'job_id',
  'job_version',
  'tenant_id',
  'job_name',
  'job_type',
  'context',
  'policy',
  'trigger_kind',
  'state',
  'reason',
  'attempt',
  'max_attempts',
  'nominal_at',
  'queued_at',
  'listed_at',
  'due_at',
  'begun_at',
  'started_at',
  'ended_at',
  'attempts',
  'result',
  'error',
  'traceparent',
] as const;

/** In the order of {@link EXECUTION_COLUMNS}. */
export function executionValues(e: Execution): SqlValue[] {
  return [
    e.executeId,
    e.jobId,
    e.jobVersion,
    e.tenantId,
    e.jobName,
    e.jobType,
    e.context === null ? null : JSON.stringify(e.context),
    e.policy === null ? null : JSON.stringify(e.policy),
    e.trigger,
    e.state,
    e.reason,
    e.attempt,
    e.maxAttempts,
    e.nominalAt,
    e.queuedAt,
    e.begunAt ?? e.nominalAt,
    e.dueAt,
    e.begunAt,
    e.startedAt,
    e.endedAt,
    e.attempts.length === 0 ? null : JSON.stringify(e.attempts),
    e.result,
    e.error,
    e.traceparent ?? null,
  ];
}

/** Writes an execution that is for no slot. False: the execute id exists, or is of the kind that only slots get. */
export async function insertExecution(sql: Sql, e: Execution): Promise<boolean> {
  if (isSlotExecuteId(e.executeId)) return false;
  return (await insertIgnore(sql, 'ecron_execution', EXECUTION_COLUMNS, [executionValues(e)])) === 1;
}
