import {
  type Attempt,
  type ExecutionState,
  type JobContext,
  type PolicySettings,
  type Reason,
  type Settlement,
} from '@ecron/domain';

export interface StartRequest {
  executeIds: readonly string[];
  nodeId: string;
  /** New for each call: the rows that were won are found by it. */
  token: string;
  now: number;
}

/** An execution that this node has won: it runs here, and nowhere else, until its epoch is passed. */
export interface StartedRun {
  executeId: string;
  jobId: string;
  tenantId: string;
  slotAt: number | null;
  zone: string;
  attempt: number;
  epoch: number;
  begunAt: number;
  startedAt: number;
  context: JobContext;
  policy: PolicySettings;
  /** Attempts that have ended. */
  attempts: Attempt[];
  /** W3C Trace Context of the call that asked for the run; left out: none was traced. */
  traceparent?: string;
}

export interface RunRecord {
  executeId: string;
  jobId: string;
  epoch: number;
  /** What users count; lower than the run's own where the attempt is given back. */
  attempt: number;
  maxAttempts: number;
  attempts: Attempt[];
  settlement: Settlement;
}

/** What a record made of an execution. */
export interface RecordedState {
  executeId: string;
  jobId: string;
  state: ExecutionState;
  endedAt: number | null;
}

/** One start of an execution. */
export interface RunKey {
  executeId: string;
  epoch: number;
}

/** A row that is running under a node's name. */
export interface RunningRow extends RunKey {
  /** Set: to be aborted, and why. */
  cancelReason: Reason | null;
}

/** The start, the record and the abort of runs. Every write is guarded by state and epoch. */
export abstract class RunStore {
  /**
   * One transaction: of the rows that are waiting and due, starts those whose job may run, skips slots and sets
   * back requests behind an earlier run, ends what cannot run any more. What someone else took is left out.
   */
  abstract start(request: StartRequest): Promise<StartedRun[]>;
  /** What a start of unknown outcome has won and still has, by its token. */
  abstract findStarted(nodeId: string, token: string): Promise<StartedRun[]>;
  /**
   * Writes how attempts ended, and gives back their jobs' active rows. A record whose row has moved on
   * (a callback, another node) writes nothing. Resolves with the states as written.
   */
  abstract record(records: readonly RunRecord[]): Promise<RecordedState[]>;
  /** Waiting rows that are due since before then, whoever holds them. */
  abstract findOverdue(dueBefore: number, limit: number): Promise<string[]>;
  abstract findRunning(nodeId: string): Promise<RunningRow[]>;
  /** Of `runs` those that others have taken for lost: waiting again, started anew or interrupted. */
  abstract findLost(runs: readonly RunKey[]): Promise<string[]>;
  /** Running rows that their node knows nothing of: nothing was sent, so the attempt is given back. */
  abstract giveBack(rows: readonly RunningRow[], now: number): Promise<void>;
}
