import {
  type DstRule,
  type Execution,
  type ExecutionState,
  type Job,
  type JobType,
  type Reason,
  type ScheduleFacts,
  type TenantScope,
  type Trigger,
} from '@ecron/domain';
import { type ExecutionRow, type JobRow } from '../rows/index.js';
import { type SqlValue } from '../sql/sql.js';
import { toAttempts, toContext, toPolicy } from './stored-json.js';

export { policyOf, toAttempts, toContext, toPolicy } from './stored-json.js';

export function toJob(row: JobRow): Job {
  return {
    jobId: row.job_id,
    tenantId: row.tenant_id,
    name: row.name,
    type: row.type as JobType,
    schedule: row.schedule,
    timeZone: row.time_zone,
    context: toContext(row.context),
    policy: toPolicy(row.policy),
    beginAt: row.begin_at,
    endAt: row.end_at,
    enabled: row.enabled === 1,
    remarks: row.remarks,
    version: row.version,
    nextSlotAt: row.next_slot_at,
    anchorAt: row.anchor_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export const JOB_COLUMNS = [
  'job_id',
  'tenant_id',
  'name',
  'type',
  'schedule',
  'time_zone',
  'mode',
  'context',
  'policy',
  'begin_at',
  'end_at',
  'enabled',
  'remarks',
  'version',
  'next_slot_at',
  'anchor_at',
  'created_at',
  'updated_at',
] as const;

/** In the order of {@link JOB_COLUMNS}. */
export function jobValues(job: Job): SqlValue[] {
  return [
    job.jobId,
    job.tenantId,
    job.name,
    job.type,
    job.schedule,
    job.timeZone,
    job.context.mode,
    JSON.stringify(job.context),
    JSON.stringify(job.policy),
    job.beginAt,
    job.endAt,
    job.enabled ? 1 : 0,
    job.remarks,
    job.version,
    job.nextSlotAt,
    job.anchorAt,
    job.createdAt,
    job.updatedAt,
  ];
}

export function toExecution(row: ExecutionRow): Execution {
  const state = row.state as ExecutionState;
  return {
    executeId: row.execute_id,
    jobId: row.job_id,
    jobVersion: row.job_version,
    tenantId: row.tenant_id,
    jobName: row.job_name,
    jobType: row.job_type as JobType | '',
    context: row.context === null ? null : toContext(row.context),
    policy: row.policy === null ? null : toPolicy(row.policy),
    trigger: row.trigger_kind as Trigger,
    slotAt: row.slot_at,
    slotTo: row.slot_to,
    slotCount: row.slot_count,
    state,
    reason: row.reason as Reason,
    epoch: row.epoch,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    nominalAt: row.nominal_at,
    queuedAt: row.queued_at,
    dueAt: row.due_at,
    notBefore: state === 'waiting' && row.epoch > 0 ? row.due_at : null,
    nodeId: state === 'running' ? row.holder : '',
    begunAt: row.begun_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    cancelAt: row.cancel_at,
    cancelReason: row.cancel_reason as Reason,
    attempts: toAttempts(row.attempts),
    result: row.result,
    error: row.error,
  };
}

/** Columns of `ecron_job_version` as `v`, or of any row with the same names, as the schedule's facts. */
export interface FactsRow {
  job_id: string;
  type: string;
  schedule: string;
  time_zone: string;
  dst: string;
  begin_at: number | null;
  end_at: number | null;
  anchor_at: number;
}

/** The columns of {@link FactsRow} for an execution `e`, by {@link JOIN_VERSION}. */
export const VERSION_FACTS =
  'v.job_id, v.schedule, v.time_zone, v.dst, v.begin_at, v.end_at, v.anchor_at, e.job_type AS type';
export const JOIN_VERSION =
  'LEFT JOIN ecron_job_version v ON v.job_id = e.job_id AND v.version = e.job_version';

export function toFacts(row: FactsRow): ScheduleFacts {
  return {
    jobId: row.job_id,
    type: row.type as JobType,
    schedule: row.schedule,
    timeZone: row.time_zone,
    dst: row.dst as DstRule,
    beginAt: row.begin_at,
    endAt: row.end_at,
    anchorAt: row.anchor_at,
  };
}

/** The tenant's part of a WHERE clause. `table` is the alias that carries `tenant_id`. */
export function inScope(scope: TenantScope, table: string): { sql: string; values: SqlValue[] } {
  return 'tenantId' in scope
    ? { sql: `${table}.tenant_id = ?`, values: [scope.tenantId] }
    : { sql: '1 = 1', values: [] };
}

/** Leaves out executions whose stored job has been deleted. `e` is the execution. */
export const JOB_STILL_THERE =
  '(e.job_version = 0 OR EXISTS (SELECT 1 FROM ecron_job j WHERE j.job_id = e.job_id))';
