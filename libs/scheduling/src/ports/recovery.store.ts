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
  /** What its executor is registered for: the mode, but for commands in a cluster. */
  mode: JobMode;
  /** Set: it was to be cancelled, and is never retried. */
  cancelReason: Reason | null;
}

/** A node that seems to be dead: its heartbeat has lapsed, or rows name it that has no row of its own. */
export interface DepartedNode {
  nodeId: string;
  /** What was seen of its heartbeat; 0: it has left, or has no row. */
  heartbeatAt: number;
}

/** `startedUntil`: only what they started by then; left out all. */
export type NodeSet = { only: readonly string[]; startedUntil?: number } | { allBut: readonly string[] };

/** What dead nodes have left behind. */
export abstract class RecoveryStore {
  /** Nodes whose heartbeat is older than the lease, and holders of waiting or running rows that are no nodes. Cheap. */
  abstract findDeparted(now: number): Promise<DepartedNode[]>;
  /** Running rows of these nodes. */
  abstract findOrphans(nodes: NodeSet, limit: number): Promise<OrphanedRun[]>;
  /** Guarded by state and epoch. */
  abstract settleOrphans(settled: readonly { run: OrphanedRun; settlement: Settlement }[]): Promise<void>;
  /** Gives up the holds of every node but the living and forgets those nodes. */
  abstract forgetNodes(living: readonly string[]): Promise<void>;
  /**
   * Gives up the holds of these nodes, and forgets those of which nothing has been heard since. Resolves with the
   * roles of those that this call has forgotten and that had not said goodbye.
   */
  abstract forgetDeparted(departed: readonly DepartedNode[]): Promise<string[]>;
}
