import {
  type Attempt,
  type JobMode,
  type PolicySettings,
  type Reason,
  type RunningAttempt,
  type Settlement,
} from '@ecron/domain';

/** A row that was running on a node that is dead. */
export interface OrphanedRun extends RunningAttempt {
  executeId: string;
  jobId: string;
  epoch: number;
  attempts: Attempt[];
  policy: PolicySettings;
  mode: JobMode;
  /** Set: it was to be cancelled, and is never retried. */
  cancelReason: Reason | null;
}

/** What dead nodes have left behind. */
export abstract class RecoveryStore {
  /** Running rows of every node but the living. */
  abstract findOrphans(living: readonly string[], limit: number): Promise<OrphanedRun[]>;
  /** Guarded by state and epoch. */
  abstract settleOrphans(settled: readonly { run: OrphanedRun; settlement: Settlement }[]): Promise<void>;
  /** Gives up the holds of every node but the living and forgets those nodes. */
  abstract forgetNodes(living: readonly string[]): Promise<void>;
}
