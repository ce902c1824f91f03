/** The words of CONTRACT §1 for what kind of job it is; all three fire by their schedule. */
export const JOB_TYPES = ['timed', 'scheduled', 'real-time'] as const;
export type JobType = (typeof JOB_TYPES)[number];

/** How a run is carried out. `exe` jobs can be stored; a run of one fails until an executor for it exists. */
export const JOB_MODES = ['http', 'https', 'exe'] as const;
export type JobMode = (typeof JOB_MODES)[number];

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/**
 * What to run and how, in the shape clients send and read back; stored as JSON as it was sent.
 * `begin_at` and `end_at` are kept verbatim here; their instants live in the job's own columns.
 */
export interface JobContext {
  mode: JobMode;
  exec: string;
  info: {
    method: string;
    params: Record<string, string> | null;
    headers: Record<string, string> | null;
    body: JsonObject | null;
    kubernetes: JsonObject | null;
  };
  notify: { webhook: string };
  begin_at: string;
  end_at: string;
  execute_id: string;
}

/** A stored job. All instants are epoch milliseconds. */
export interface Job {
  jobId: string;
  tenantId: string;
  name: string;
  type: JobType;
  /** The cron expression, `@every`, or (for `timed`) an RFC 3339 instant, exactly as the client sent it. */
  schedule: string;
  /** IANA zone; a `CRON_TZ=` prefix inside the schedule wins over it. */
  timeZone: string;
  context: JobContext;
  /** Only what the client set; `resolvePolicy` completes it. */
  policy: PolicySettings;
  beginAt: number | null;
  endAt: number | null;
  enabled: boolean;
  remarks: string;
  /** Raised by each edit, from 1. */
  version: number;
  /** The first slot that has no row yet; null when nothing is due. */
  nextSlotAt: number | null;
  /** What `@every` counts from. */
  anchorAt: number;
  createdAt: number;
  updatedAt: number;
}

export type DstRule = 'default' | 'robfig';
export type Completion = 'auto' | 'response' | 'callback';

/** A job's own policy members in the shape of the API; every member is optional. */
export interface PolicySettings {
  overlap?: 'skip';
  misfire?: { policy?: 'latest'; grace_s?: number; window_s?: number; max?: number };
  retry?: { max_attempts?: number; base_s?: number; factor?: number; cap_s?: number; jitter?: boolean };
  timeout_s?: number;
  total_timeout_s?: number;
  completion?: Completion;
  callback_timeout_s?: number;
  dst?: DstRule;
}
