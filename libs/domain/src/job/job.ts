import { type HttpInfo } from './http-info.js';
import { isJsonObject, type JsonObject } from './json-value.js';
import { type Notify } from './notify.js';

/** The words of CONTRACT §1 for what kind of job it is; all three fire by their schedule. */
export const JOB_TYPES = ['timed', 'scheduled', 'real-time'] as const;
export type JobType = (typeof JOB_TYPES)[number];

/** The modes of CONTRACT §1: each deployment has them. */
export const JOB_MODES = ['http', 'https', 'exe'] as const;

/**
 * How a run is carried out: one of {@link JOB_MODES}, or what a further executor is registered for. Which there are is
 * asked where jobs come in; a run whose mode no executor carries out fails. At most 16 characters.
 */
export type JobMode = string;

/**
 * What to run and how, in the shape clients send and read back; stored as JSON as it was sent.
 * `begin_at` and `end_at` are kept verbatim here; their instants live in the job's own columns. Where the executor of
 * the mode has options, `info` holds them beside its other members: {@link optionsOf}.
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
  } & HttpInfo;
  notify: Notify;
  begin_at: string;
  end_at: string;
  execute_id: string;
}

/** Why a field of a context is refused: `path` as in the API, `rule` in English for a `cause`: "must be text". */
export interface ContextFault {
  path: string;
  rule: string;
}

/** The options of the context's own mode, `info.<mode>`, as they were checked when they came in; {} where none are set. */
export function optionsOf({ mode, info }: JobContext): JsonObject {
  const options = (info as unknown as JsonObject)[mode];
  return isJsonObject(options) ? options : {};
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
/** What a job may ask for when the node that runs it is lost. */
export type NodeLostSetting = 'retry' | 'interrupt';
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
  node_lost?: NodeLostSetting;
  dst?: DstRule;
}
