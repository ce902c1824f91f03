import { type NodeIdentity } from './node-identity.js';

/** Nodes as rows. */
export abstract class NodeStore {
  /** Writes or renews the node's row; `holdUntil` says how long the rows it holds are its own. */
  abstract beat(node: NodeIdentity, beat: { now: number; holdUntil: number; free: number }): Promise<void>;
  /** Sum of the capacities of the management nodes whose heartbeat is younger than the lease. */
  abstract liveCapacity(now: number): Promise<number>;
  /** Ids of the analysis nodes whose holds have lapsed. */
  abstract lapsedHolders(now: number): Promise<string[]>;
  /** The latest coordination time any node has written, 0 when there is none. */
  abstract highestTime(): Promise<number>;
}
