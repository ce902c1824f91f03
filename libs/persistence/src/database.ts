import { type Dialect } from './sql/dialect.js';
import { type Sql, type SqlValue } from './sql/sql.js';
import { type WritePriority } from './sql/write-queue.js';
import {
  type TransactionArgument,
  type TransactionName,
  type TransactionResult,
} from './transactions/index.js';

/** What the database turned out to be, for the log. */
export interface Capabilities {
  /** Product and version. */
  server: string;
  /** Whether a claim can pass over rows that another one has locked. Without it two claims wait for each other. */
  skipLocked: boolean;
}

/** What has room for so many at a time, as it is now. */
export interface PoolFigures {
  pool: string;
  size: number;
  busy: number;
  waiting: number;
}

/** The one way to the database. Reads see only what is committed, on connections of their own. */
export abstract class Database {
  abstract readonly dialect: Dialect;
  abstract readonly capabilities: Capabilities;

  /** What a routine needs in time: by an index, few rows. */
  abstract read<T>(text: string, values?: readonly SqlValue[]): Promise<T[]>;

  /** What a caller asks for, however wide: keeps no {@link read} waiting. */
  abstract browse<T>(text: string, values?: readonly SqlValue[]): Promise<T[]>;

  /**
   * One transaction: all of `work` or nothing; resolves when it is durable. Never call it inside `work`. `work` may be
   * carried out more than once, where the database asks for it, so it must change nothing but through `sql`.
   * Rejects with WriteQueueFullError, having done nothing, where too many wait.
   */
  abstract write<T>(priority: WritePriority, work: (sql: Sql) => Promise<T>): Promise<T>;

  /** One of the hot transactions. */
  abstract call<N extends TransactionName>(
    priority: WritePriority,
    name: N,
    argument: TransactionArgument<N>,
  ): Promise<TransactionResult<N>>;

  /** The time that everybody who uses this database agrees on, in epoch milliseconds. */
  abstract clock(): Promise<number>;

  /** How far its connections, or its writer, are taken. */
  abstract get pools(): PoolFigures[];

  /** After what was asked for before. */
  abstract close(): Promise<void>;
}
