import { type Execution } from '../execution/execution.js';
import { type JobStatus, statusOf } from '../execution/state.js';
import { type JobType } from '../job/job.js';
import { type JsonValue } from '../job/json-value.js';

/**
 * One message of the topic `cron.topic.job.status`, in this member order (consumers outside read it too).
 * A doorbell: nothing it says is believed, the row named by `execute_id` is read.
 */
export interface StatusMessage {
  execute_id: string;
  job_id: string;
  job_type: JobType | '';
  job_name: string;
  job_status: JobStatus;
  begin_at: string;
  end_at: string;
  executor: { executor_id: string; executed_at: string }[] | null;
  execute_times: number;
  ext_info: { result: JsonValue } | null;
}

/** One message of the topic `cron.topic.job.execution`: rows that are due, for a management node to start. */
export interface DispatchMessage {
  execute_ids: string[];
  /** When the last of them is due, in milliseconds, where the sender knows: what cannot start before is tried again then. */
  due_at?: number;
  /** W3C Trace Context of each dispatch, in the order of the ids, where tracing is on. */
  traceparents?: readonly string[];
}

/** A failed attempt is `failure`, though the execution itself goes on. */
export function statusMessage(
  execution: Pick<Execution, 'executeId' | 'jobId' | 'state'>,
  endAt: string,
): StatusMessage {
  const status = execution.state === 'waiting' ? 'failure' : statusOf(execution.state);
  return {
    execute_id: execution.executeId,
    job_id: execution.jobId,
    job_type: '',
    job_name: '',
    job_status: status === '' ? 'interrupt' : status,
    begin_at: '',
    end_at: endAt,
    executor: null,
    execute_times: 0,
    ext_info: null,
  };
}
