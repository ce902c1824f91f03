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
  dueAt: number;
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
}

export interface Claim {
  /** How many jobs were claimed; `limit` means there may be more. */
  jobs: number;
  held: HeldRow[];
}

/** Takes due jobs. Concurrent claims never take the same job; what one leaves, the next finds. */
export abstract class ClaimStore {
  /**
   * One transaction: locks due jobs, oldest first, writes what `plan` makes of each, advances their next slots.
   * A slot that has its row already keeps it.
   */
  abstract claimDue(request: ClaimRequest): Promise<Claim>;
  /** Whether any job is due by then; cheap, sees only what is committed. */
  abstract isAnyDue(until: number): Promise<boolean>;
}
