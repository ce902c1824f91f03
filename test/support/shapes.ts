/** The shapes of the contract's answers, as a client would write them down. */
export interface ErrorBody {
  cause: string;
  code: number;
  message: string;
  detail: Record<string, string[]> | null;
}

export interface PolicyView {
  overlap: string;
  misfire: { policy: string; grace_s: number; window_s: number; max: number };
  retry: { max_attempts: number; base_s: number; factor: number; cap_s: number; jitter: boolean };
  timeout_s: number;
  total_timeout_s: number;
  completion: string;
  callback_timeout_s: number;
  node_lost: string;
  dst: string;
}

export interface JobView {
  job_id: string;
  job_name: string;
  job_cron_time: string;
  job_type: string;
  job_context: {
    mode: string;
    exec: string;
    info: Record<'params' | 'headers' | 'body' | 'kubernetes', object | null> & { method: string };
    notify: { webhook: string };
    begin_at: string;
    end_at: string;
    execute_id: string;
    policy: PolicyView;
  };
  tenant_id: string;
  enabled: boolean;
  remarks: string;
  created_at: string;
  updated_at: string;
  time_zone: string;
  next_slot_at: string;
}

export interface StatusView {
  execute_id: string;
  job_id: string;
  job_type: string;
  job_name: string;
  job_status: string;
  begin_at: string;
  end_at: string;
  executor: { executor_id: string; executed_at: string }[];
  execute_times: number;
  ext_info: { is_deleted?: number; tenant_id?: string; result?: unknown };
}

export interface AttemptView {
  attempt: number;
  node_id: string;
  started_at: string;
  ended_at: string;
  outcome: string;
  status_code?: number;
  error?: string;
}

export interface ExecutionView {
  execute_id: string;
  job_id: string;
  job_name: string;
  job_type: string;
  tenant_id: string;
  trigger: string;
  slot_at: string;
  state: string;
  reason: string;
  job_status: string;
  attempt: number;
  max_attempts: number;
  not_before: string;
  queued_at: string;
  started_at: string;
  ended_at: string;
  lateness_ms: number | null;
  attempts: AttemptView[];
  result: unknown;
  error: string;
}

export interface SlotView {
  slot_at: string;
  fate: string;
  reason: string;
  execute_id: string;
  lateness_ms: number | null;
  /** Only on a range. */
  slot_to?: string;
  count?: number;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface PreviewView {
  slots: string[];
  warnings: { slot: string; kind: string; text: string }[];
}
