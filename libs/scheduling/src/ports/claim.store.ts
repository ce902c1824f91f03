import { type JobMode, type PolicySettings, type ScheduleFacts, type SlotPlan } from '@ecron/domain';

/** A job whose next slot has come near, as locked by the claim. */
export interface DueJob extends ScheduleFacts {
  tenantId: string;
  name: string;
  mode: JobMode;
  policy: PolicySettings;
  version: number;
  nextSlotAt: number;
}

/** A waiting row in the caller's heap. */
export interface HeldRow {
  executeId: string;
  tenantId: string;
  dueAt: number;
  /** W3C Trace Context of the call that asked for the run; left out: none was traced. */
  traceparent?: string;
}

export interface ClaimRequest {
  /** Jobs with their next slot at or before this instant. */
  until: number;
  /** At most so many jobs. */
  limit: number;
  now: number;
  /** The claiming node, which holds at most `room` of the rows; the rest is written without a holder. */
  holder: string;
  room: number;
  plan: (job: DueJob) => SlotPlan & { maxAttempts: number };
  /** The job's first slot after an instant. */
  next: (job: DueJob, after: number) => number | null;
}

export interface Claim {
  /** How many jobs were claimed; `limit` means there may be more. */
  jobs: number;
  held: HeldRow[];
}

/** Jobs in the order of their ids, a page at a time. */
export interface RewindRequest {
  now: number;
  /** The last job of the page before; '' for the first. */
  after: string;
  limit: number;
  /** The job's first slot after an instant. */
  next: (job: DueJob, after: number) => number | null;
}

/** Takes due jobs. Concurrent claims never take the same job; what one leaves, the next finds. */
export abstract class ClaimStore {
  /**
   * One transaction: locks due jobs, oldest first, writes what `plan` makes of each, advances their next slots.
   * A slot that has its row already keeps it; a range that begins at such a slot begins behind its row instead, in
   * the next claim.
   */
  abstract claimDue(request: ClaimRequest): Promise<Claim>;
  /** Whether any job is due by then; cheap, sees only what is committed. */
  abstract isAnyDue(until: number): Promise<boolean>;
  /**
   * After a step of the clock back: jobs whose next slot lies beyond the first one after now without a row, its own
   * or that of a range, get that one. Resolves with the page's last job, null when there is no other page.
   */
  abstract rewind(request: RewindRequest): Promise<string | null>;
}
