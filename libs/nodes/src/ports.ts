import { type NodeIdentity, type NodeRole } from './node-identity.js';

/** What a heartbeat says; coordination time in epoch milliseconds. */
export interface Beat {
  now: number;
  /** Rows that the node holds are its own until then. */
  holdUntil: number;
  /** How many more runs it could take. */
  free: number;
  /** How far the clock of its machine is ahead of the shared one. */
  skewMs: number;
}

/** What the living nodes can do together. */
export interface Cluster {
  /** Sum of the capacities of the management nodes whose heartbeat is younger than the lease. */
  capacity: number;
  /** How many analysis nodes have a hold that lasts. */
  analysisNodes: number;
}

/** A node as others see it. */
export interface NodeView {
  nodeId: string;
  name: string;
  role: NodeRole;
  version: string;
  startedAt: number;
  heartbeatAgeMs: number;
  skewMs: number;
  capacity: number;
  /** Of `capacity`, at the last heartbeat. */
  free: number;
  /** The heartbeat is younger than the lease. */
  isLive: boolean;
}

/**
 * Nodes as rows. A heartbeat or a hold that lies ahead by more than twice its length has been written by a clock
 * that was wrong, and counts as lapsed.
 */
export abstract class NodeStore {
  /** Writes or renews the node's row. */
  abstract beat(node: NodeIdentity, beat: Beat): Promise<void>;
  /** The node has stopped: it holds nothing and counts for nothing from now on. Its highest time is kept. */
  abstract leave(nodeId: string): Promise<void>;
  abstract findCluster(now: number): Promise<Cluster>;
  /** Ids of the analysis nodes whose holds have lapsed. */
  abstract lapsedHolders(now: number): Promise<string[]>;
  /** The latest coordination time any node has written, 0 when there is none. */
  abstract highestTime(): Promise<number>;
  /** Every node that has neither left nor been declared dead, by role and name. */
  abstract list(now: number): Promise<NodeView[]>;
}
