import { type TransactionName } from '../transactions/index.js';
import { type SqlValue } from './sql.js';

/** What the database thread is asked for; null instead of an order ends it. */
export type PenOrder = { id: number } & (
  | { text: string; values: readonly SqlValue[] }
  /** `argument` and the answer's `result` are JSON: cheaper to pass than objects. */
  | { call: TransactionName; argument: string }
);

export type PenAnswer = { id: number } & (
  | { columns: string[]; rows: unknown[][]; changes: number }
  | { result: string }
  | { error: string; code: string }
);
