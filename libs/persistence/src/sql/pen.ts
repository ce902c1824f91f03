import { type SqlValue } from './sql.js';

export interface StatementResult {
  rows: unknown[];
  changes: number;
}

/** The one connection that writes. Statements run in the order they are given. */
export abstract class Pen {
  abstract run(text: string, values: readonly SqlValue[]): Promise<StatementResult>;
  /** What has been given before is carried out first. */
  abstract close(): Promise<void>;
}
