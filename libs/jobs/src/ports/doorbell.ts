import { type JobContext, type JobType, type StatusMessage } from '@ecron/domain';

/** A Job as the queue carries it, in this member order; what a message does not say is empty, null or false. */
export interface JobMessageData {
  job_id: string;
  job_name: string;
  job_cron_time: string;
  job_type: JobType | '';
  job_context: JobContext;
  tenant_id: string;
  enabled: boolean;
  remarks: string;
  created_at: string;
  updated_at: string;
}

/** One message of the topic `cron.topic.cron.job`. */
export interface JobMessage {
  method: 'create' | 'update' | 'delete' | 'enable' | 'notify';
  data: JobMessageData;
}

/**
 * Makes others look sooner at what is already written. A message lost, repeated or late costs latency only, so
 * callers log a failure and go on.
 */
export abstract class Doorbell {
  abstract jobChanged(message: JobMessage): Promise<void>;
  /** `data.job_context.execute_id` names the row (topic `cron.topic.immediate.job`). */
  abstract executionRequested(data: JobMessageData): Promise<void>;
  abstract executionEnded(message: StatusMessage): Promise<void>;
}
