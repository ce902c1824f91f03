import { type SqlValue } from './sql.js';

/** One statement for the database thread; null instead of an order ends it. */
export interface PenOrder {
  id: number;
  text: string;
  values: readonly SqlValue[];
}

export type PenAnswer =
  | { id: number; columns: string[]; rows: unknown[][]; changes: number }
  | { id: number; error: string; code: string };
