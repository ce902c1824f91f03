import {
  type Attempt,
  type PolicySettings,
  type JobMode,
  type ScheduleFacts,
  type Settlement,
  type Trigger,
} from '@ecron/domain';
import { type HeldRow } from './claim.store.js';

/** A slot row that is first seen due later than its grace, with its job's schedule as it stood when it was written. */
export interface LateRow {
  executeId: string;
  slotAt: number;
  facts: ScheduleFacts;
  policy: PolicySettings;
  mode: JobMode;
}

export type LateVerdict = 'run' | 'missed' | 'leave';

export interface TakeRequest {
  holder: string;
  /** Analysis nodes whose holds have lapsed. */
  lapsed: readonly string[];
  /** Rows due at or before this instant. */
  until: number;
  now: number;
  limit: number;
  /** What becomes of a misfired row: it runs, becomes `missed`, or is left alone, because it cannot be judged. */
  judgeLate: (row: LateRow) => LateVerdict;
}

/** An accepted execution whose callback has not come in time. */
export interface OverdueCallback {
  executeId: string;
  jobId: string;
  epoch: number;
  trigger: Trigger;
  attempt: number;
  nodeId: string;
  begunAt: number;
  startedAt: number;
  attempts: Attempt[];
  policy: PolicySettings;
  mode: JobMode;
}

/** What becomes of it; `attempts` as they stand then. */
export type OverdueSettlement = Pick<Settlement, 'state' | 'reason' | 'endedAt' | 'dueAt' | 'error'> & {
  attempts: Attempt[];
};

/** A `missed` range whose slots have not been counted yet. */
export interface UncountedRange {
  executeId: string;
  slotAt: number;
  slotTo: number;
  facts: ScheduleFacts;
}

/** Waiting and accepted rows, as analysis looks after them. Every write is guarded by the state it expects. */
export abstract class WaitingStore {
  /** Takes rows that nobody holds, oldest first, judging the misfired ones. */
  abstract takeUnheld(request: TakeRequest): Promise<HeldRow[]>;
  /** What the node holds in the table; for after a claim of unknown outcome. */
  abstract findHeld(holder: string): Promise<HeldRow[]>;
  /** Of `ids` those that still wait and that the node still holds. */
  abstract findWaiting(holder: string, ids: readonly string[]): Promise<string[]>;
  /** Rows that were seen in time and have not started: late from now on, never missed. */
  abstract markSeen(holder: string, dueBefore: number, now: number): Promise<void>;
  /**
   * Makes due what waited for an earlier run of its job that has ended: of each job the oldest, which has the job
   * from then on. Resolves with how many. Then it gives free places under the caps to runs that wait for them, tenants
   * in turn and of each the oldest first.
   */
  abstract wake(now: number): Promise<number>;
  /**
   * Finds places under the caps whose runs have ended without giving them back, and whoever still waits though a cap
   * has been lifted. Cheap where no caps are set.
   */
  abstract recountPlaces(now: number): Promise<void>;
  /** Gives up everything the node holds. */
  abstract release(holder: string): Promise<void>;
  abstract findOverdueCallbacks(now: number, limit: number): Promise<OverdueCallback[]>;
  /** Ends or retries an accepted row; false: someone else was first. */
  abstract settleAccepted(overdue: OverdueCallback, settlement: OverdueSettlement): Promise<boolean>;
  abstract findUncounted(limit: number): Promise<UncountedRange[]>;
  abstract writeCount(executeId: string, count: number): Promise<void>;
}
