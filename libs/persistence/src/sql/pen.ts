import {
  type TransactionArgument,
  type TransactionName,
  type TransactionResult,
} from '../transactions/index.js';
import { type Sql, type SqlValue } from './sql.js';
import { SQLITE_DIALECT } from './sqlite-dialect.js';

/** A connection that sees what is committed, and writes nothing. */
export interface Reader {
  all<T>(text: string, values?: readonly SqlValue[]): Promise<T[]>;
  close(): Promise<void>;
}

/** The one connection that writes. What it is given it carries out in that order. */
export abstract class Pen implements Sql {
  readonly dialect = SQLITE_DIALECT;
  /** How many transactions it takes in advance. */
  abstract readonly depth: number;
  abstract all<T>(text: string, values?: readonly SqlValue[]): Promise<T[]>;
  abstract run(text: string, values?: readonly SqlValue[]): Promise<number>;
  /** A whole transaction. */
  abstract call<N extends TransactionName>(
    name: N,
    argument: TransactionArgument<N>,
  ): Promise<TransactionResult<N>>;
  /** After what was given before. */
  abstract close(): Promise<void>;
}
