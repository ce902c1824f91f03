import {
  type Execution,
  type JobStatus,
  type JsonValue,
  type StatusMessage,
  statusMessage,
  statusOf,
} from '@ecron/domain';
import { type JobSettings } from '../job-settings.js';
import { parseStored } from '../json-text.js';
import { showSecond, showSecondOrEmpty } from '../show-time.js';

/** One start of an execution, as old clients know it. */
export interface ExecutorView {
  executor_id: string;
  executed_at: string;
}

/** An execution in the words of old clients; `executing` is everything that has not ended. */
export interface StatusView {
  execute_id: string;
  job_id: string;
  job_type: Execution['jobType'];
  job_name: string;
  job_status: JobStatus | '';
  begin_at: string;
  end_at: string;
  executor: ExecutorView[];
  execute_times: number;
  ext_info: { is_deleted?: 0 | 1; tenant_id?: string; result?: JsonValue };
}

export function showStatus(execution: Execution, { timeZone }: JobSettings): StatusView {
  return {
    execute_id: execution.executeId,
    job_id: execution.jobId,
    job_type: execution.jobType,
    job_name: execution.jobName,
    job_status: statusOf(execution.state),
    begin_at: showSecond(execution.begunAt ?? execution.nominalAt, timeZone),
    end_at: showSecondOrEmpty(execution.endedAt, timeZone),
    executor: executorsOf(execution, timeZone),
    execute_times: execution.attempt,
    ext_info: { is_deleted: 0, tenant_id: execution.tenantId, result: parseStored(execution.result) },
  };
}

// The attempts list has the ended ones only; a running one is in the row itself.
function executorsOf({ attempts, state, nodeId, startedAt }: Execution, zone: string): ExecutorView[] {
  const ended = attempts.map((a) => ({
    executor_id: a.node_id,
    executed_at: showSecond(a.started_at, zone),
  }));
  if (state !== 'running' || startedAt === null) return ended;
  return [...ended, { executor_id: nodeId, executed_at: showSecond(startedAt, zone) }];
}

/** What a request is answered before anything has run: old clients expect its first start in it. */
export function showRequested(execution: Execution, { timeZone, serviceId }: JobSettings): StatusView {
  const now = showSecond(execution.queuedAt, timeZone);
  return {
    execute_id: execution.executeId,
    job_id: execution.jobId,
    job_type: execution.jobType,
    job_name: execution.jobName,
    job_status: 'executing',
    begin_at: now,
    end_at: '',
    executor: [{ executor_id: serviceId, executed_at: now }],
    execute_times: 1,
    ext_info: {},
  };
}

/** What the queue hears of an execution that its callback has ended. */
export function successMessage(ended: Execution, endAt: string, result: JsonValue): StatusMessage {
  return { ...statusMessage(ended, endAt), job_status: 'success', ext_info: { result } };
}
