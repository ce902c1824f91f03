import {
  type Actor,
  type Execution,
  type ExecutionState,
  type JobType,
  type TenantScope,
  type Trigger,
} from '@ecron/domain';

export interface ExecutionFilter {
  jobId?: string;
  states?: readonly ExecutionState[];
  trigger?: Trigger;
  /** On the slot or the request time, half open. */
  from?: number;
  to?: number;
  limit: number;
  /** The last item of the page before. */
  after?: { nominalAt: number; executeId: string };
}

/** For the old `/jobstatus`: sees only executions that old clients know (no skipped, no missed, no slot ahead). */
export interface StatusFilter {
  jobId?: string;
  jobType?: JobType;
  states?: readonly ExecutionState[];
  /** On the first start, else the slot; both inclusive. */
  beginFrom?: number;
  beginUntil?: number;
  limit: number;
}

/** One item of PUT /jobstatus, checked. Times in epoch milliseconds, null: not given. */
export interface StatusReport {
  executeId: string;
  jobId: string;
  jobType: JobType;
  jobName: string;
  state: ExecutionState;
  beginAt: number | null;
  endAt: number | null;
  executeTimes: number;
  /** The contract's `executor` list as it came. */
  executor: { executor_id: string; executed_at: string }[];
  /** `ext_info.result` as JSON text. */
  result: string | null;
}

export type RequestResult =
  | { kind: 'stored' }
  /** The id exists in the same tenant: nothing was written. */
  | { kind: 'exists'; execution: Execution }
  /** Another tenant's, or of the kind that only slots get: nothing was written. */
  | { kind: 'foreign' }
  /** As many runs of its job, or of its tenant without a job, wait as may: nothing was written. */
  | { kind: 'too many' }
  /** Its tenant may ask for no more before `until`, epoch milliseconds: nothing was written. */
  | { kind: 'too often'; until: number };

/** How many runs of one stored job may wait, and of no job of one tenant; what analysis holds ready to start comes on top. */
export const MAX_WAITING_RUNS = 1_000;

export type CallbackResult = 'ended' | 'already final' | 'unknown';

export type CancelResult =
  /** It waited for its start or its callback, and is interrupted now. */
  | 'ended'
  /** It runs: its node aborts it and records how it ended. */
  | 'marked'
  | 'already final'
  | 'unknown';

/**
 * Executions as rows, for readers and for what outsiders may do to them. What they do is on record with its actor, in
 * the same transaction; what changes nothing is not. Scoped like {@link JobStore}.
 */
export abstract class ExecutionStore {
  abstract find(scope: TenantScope, executeId: string): Promise<Execution | null>;
  /** Newest first by (nominalAt, executeId). Executions of deleted jobs do not show. */
  abstract list(scope: TenantScope, filter: ExecutionFilter): Promise<Execution[]>;
  /** Newest begin first. Executions of deleted jobs do not show. */
  abstract listStatuses(scope: TenantScope, filter: StatusFilter): Promise<Execution[]>;
  /** Writes a waiting row, due at once; at most {@link MAX_WAITING_RUNS} of one job wait, or of a tenant without a job. */
  abstract insertRequest(execution: Execution, by: Actor): Promise<RequestResult>;
  /**
   * A result from the target: ends whatever attempt is current (waiting after its first start, running or
   * accepted → succeeded) and keeps `result`. A final execution keeps its state; the first callback's result is
   * stored all the same, a second one changes nothing.
   */
  abstract completeByCallback(
    scope: TenantScope,
    executeId: string,
    result: string,
    by: Actor,
  ): Promise<CallbackResult>;
  /**
   * Ends what waits or is accepted as `interrupted: cancelled`, and frees its job; marks what runs to be cancelled.
   * `note`, of at most 256 characters, is kept as its error. A second cancel changes nothing.
   */
  abstract cancel(scope: TenantScope, executeId: string, note: string, by: Actor): Promise<CancelResult>;
  /**
   * Upserts what outsiders report (trigger `external`). Returns the job ids of the items that were refused:
   * another tenant's, or a run of our own. `tenantId` is the reporter's.
   */
  abstract report(
    scope: TenantScope,
    tenantId: string,
    items: readonly StatusReport[],
    by: Actor,
  ): Promise<string[]>;
}
