import { type Database } from '@ecron/persistence';
import { type NodeClock } from '@ecron/nodes';

/** An open database and the time that its nodes agree on. */
export interface Storage {
  readonly database: Database;
  readonly clock: NodeClock;
  /** What it is and where, for the log: without account or password. */
  readonly label: string;
  /** Runs that a predecessor's death had cut, settled at the opening. */
  readonly cutRuns: number;
  close(): Promise<void>;
}
