import { type Attempt, type Execution, type JobStatus, type JsonValue, statusOf } from '@ecron/domain';
import { parseStored } from '../json-text.js';
import { showInstantOrEmpty } from '../show-time.js';

/** One ended try, as answers show it. */
export type AttemptView = Omit<Attempt, 'started_at' | 'ended_at'> & { started_at: string; ended_at: string };

/** An execution as answers show it. Instants in the job's zone, "" where there is none. */
export interface ExecutionView {
  execute_id: string;
  job_id: string;
  job_name: string;
  job_type: Execution['jobType'];
  tenant_id: string;
  trigger: Execution['trigger'];
  slot_at: string;
  state: Execution['state'];
  reason: Execution['reason'];
  job_status: JobStatus | '';
  attempt: number;
  max_attempts: number;
  not_before: string;
  queued_at: string;
  /** The first start. */
  started_at: string;
  ended_at: string;
  /** First start minus slot; null before it, and for a request. */
  lateness_ms: number | null;
  attempts: AttemptView[];
  result: JsonValue;
  error: string;
  /** Of a range of slots only: its last one. */
  slot_to?: string;
  /** Of a range of slots only; null until counted. */
  count?: number | null;
}

/** A run that is due for so long and was told nothing waits until a node has a free place. */
const UNTOLD_MS = 1_000;

export function showExecution(execution: Execution, zone: string, now: number): ExecutionView {
  const show = (ms: number | null): string => showInstantOrEmpty(ms, zone);
  return {
    execute_id: execution.executeId,
    job_id: execution.jobId,
    job_name: execution.jobName,
    job_type: execution.jobType,
    tenant_id: execution.tenantId,
    trigger: execution.trigger,
    slot_at: show(execution.slotAt),
    state: execution.state,
    reason: reasonOf(execution, now),
    job_status: statusOf(execution.state),
    attempt: execution.attempt,
    max_attempts: execution.maxAttempts,
    not_before: show(execution.notBefore),
    queued_at: show(execution.queuedAt),
    started_at: show(execution.begunAt),
    ended_at: show(execution.endedAt),
    lateness_ms: latenessOf(execution),
    attempts: execution.attempts.map((a) => ({
      ...a,
      started_at: show(a.started_at),
      ended_at: show(a.ended_at),
    })),
    result: parseStored(execution.result),
    error: execution.error,
    ...(execution.slotTo !== null && { slot_to: show(execution.slotTo), count: execution.slotCount }),
  };
}

function reasonOf({ state, reason, dueAt }: Execution, now: number): Execution['reason'] {
  const isUntold = state === 'waiting' && reason === '' && dueAt !== null && dueAt <= now - UNTOLD_MS;
  return isUntold ? 'node cap' : reason;
}

/** How late the first start was, in milliseconds. */
export function latenessOf({ begunAt, slotAt }: Execution): number | null {
  return begunAt === null || slotAt === null ? null : begunAt - slotAt;
}
