import { type ResponseHeaders } from './outcome.js';
import { type JobContext, type JobType, type PolicySettings } from '../job/job.js';
import { type ExecutionState } from './state.js';

export const TRIGGERS = ['schedule', 'request', 'backfill', 'external'] as const;
/** Why an execution exists. `external`: reported by an outsider through PUT /jobstatus, never run here. */
export type Trigger = (typeof TRIGGERS)[number];

/** The closed list of reasons an execution can show; '' when there is nothing to say. */
export const REASONS = [
  '',
  'overlap',
  'tenant cap',
  'host cap',
  'tenant rate',
  'node cap',
  'misfire',
  'retry',
  'node lost',
  'shutdown',
  're-attach',
  'cancelled',
  'job deleted',
  'job disabled',
  'total timeout',
  'callback timeout',
  'no word',
  'unsupported mode',
  'bad target',
] as const;
export type Reason = (typeof REASONS)[number];

export const ATTEMPT_OUTCOMES = [
  'succeeded',
  'accepted',
  'failed',
  'timed_out',
  'interrupted',
  'node_lost',
  'shutdown',
] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** One ended try of an execution. */
export interface Attempt {
  attempt: number;
  node_id: string;
  started_at: number;
  ended_at: number;
  outcome: AttemptOutcome;
  status_code?: number;
  /** Of a command that has ended by itself. */
  exit_code?: number;
  /** Of an HTTP answer: a failure's, and every one where the job says `keep_head`. */
  response_headers?: ResponseHeaders;
  error?: string;
}

/** An execution as stored. All instants are epoch milliseconds. */
export interface Execution {
  executeId: string;
  jobId: string;
  jobVersion: number;
  tenantId: string;
  jobName: string;
  jobType: JobType | '';
  /** Set for an ad-hoc or overridden run; null: the job's own, as it stands at the start. */
  context: JobContext | null;
  /** Of a run with a context of its own: policy members that win over the job's. */
  policy: PolicySettings | null;
  trigger: Trigger;
  /** W3C Trace Context of the call that asked for it; left out where none was traced. Written once, for the nodes: lists do not read it. */
  traceparent?: string;
  /** The due instant this row is the fate of; of a range its first; null for a request. */
  slotAt: number | null;
  /** A range of slots ends here (inclusive); null for a row of one slot. */
  slotTo: number | null;
  /** How many slots the range covers; null until counted. */
  slotCount: number | null;
  state: ExecutionState;
  reason: Reason;
  /** The fence: raised by each start, never given back. */
  epoch: number;
  /** What users count: 0 before the first start. */
  attempt: number;
  maxAttempts: number;
  /** The slot, or the instant of the request: what lists sort and filter by. */
  nominalAt: number;
  queuedAt: number;
  /** Waiting: when to start it (null: it waits for an earlier run). Accepted: when its callback is overdue. Missed: to be counted. */
  dueAt: number | null;
  notBefore: number | null;
  nodeId: string;
  /** Start of the first attempt. */
  begunAt: number | null;
  /** Start of the current or last attempt. */
  startedAt: number | null;
  endedAt: number | null;
  cancelAt: number | null;
  cancelReason: Reason;
  attempts: Attempt[];
  /** What the target or its callback gave, as JSON text; null: nothing. */
  result: string | null;
  error: string;
}

/** What an execution that no slot stands behind begins with: waiting, due at once, never started. */
export function blankExecution(
  at: number,
): Omit<
  Execution,
  'executeId' | 'jobId' | 'jobVersion' | 'tenantId' | 'jobName' | 'jobType' | 'trigger' | 'maxAttempts'
> {
  return {
    context: null,
    policy: null,
    slotAt: null,
    slotTo: null,
    slotCount: null,
    state: 'waiting',
    reason: '',
    epoch: 0,
    attempt: 0,
    nominalAt: at,
    queuedAt: at,
    dueAt: at,
    notBefore: null,
    nodeId: '',
    begunAt: null,
    startedAt: null,
    endedAt: null,
    cancelAt: null,
    cancelReason: '',
    attempts: [],
    result: null,
    error: '',
  };
}
