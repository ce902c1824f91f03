import { type Dialect } from './dialect.js';

export type SqlValue = string | number | null;

/** Statements inside one transaction. */
export interface Sql {
  readonly dialect: Dialect;
  all<T>(sql: string, values?: readonly SqlValue[]): Promise<T[]>;
  /** Resolves with the number of changed rows. */
  run(sql: string, values?: readonly SqlValue[]): Promise<number>;
}

/**
 * A list for `IN (…)`. Padded with its last value to the next power of two, so that a handful of statements
 * serves every length and stays prepared.
 */
export function inList(values: readonly SqlValue[]): { marks: string; values: readonly SqlValue[] } {
  const size = 2 ** Math.ceil(Math.log2(Math.max(values.length, 1)));
  const last = values.at(-1) ?? null;
  const padded = [...values, ...new Array<SqlValue>(size - values.length).fill(last)];
  return { marks: new Array(size).fill('?').join(','), values: padded };
}

/** Cuts rows into what goes into one statement each; where statements are kept, of lengths that are powers of two. */
export function chunks<T>(
  rows: readonly T[],
  { largestChunk, keepsStatements }: Pick<Dialect, 'largestChunk' | 'keepsStatements'>,
): T[][] {
  const cut: T[][] = [];
  for (let at = 0; at < rows.length;) {
    const left = rows.length - at;
    const size = Math.min(largestChunk, keepsStatements ? 2 ** Math.floor(Math.log2(left)) : left);
    cut.push(rows.slice(at, at + size));
    at += size;
  }
  return cut;
}

type Row = readonly SqlValue[];

/** Multi-row insert. Rows whose key exists are left as they are; resolves with how many were new. */
export async function insertIgnore(
  sql: Sql,
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
): Promise<number> {
  let inserted = 0;
  for (const chunk of chunks(rows, sql.dialect)) {
    inserted += await sql.run(sql.dialect.insertIgnore(table, columns, chunk.length), chunk.flat());
  }
  return inserted;
}

/**
 * Multi-row update by key: each row brings the values of `columns`, the first of which is the key.
 * `guard` sees the table as `t` and the row's values as `v`; a row it refuses is left alone. `also` are further
 * assignments, from what the row holds.
 */
export async function updateByKey(
  sql: Sql,
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
  {
    guard = '',
    set = columns.slice(1),
    also = '',
  }: { guard?: string; set?: readonly string[]; also?: string } = {},
): Promise<number> {
  let changed = 0;
  for (const chunk of chunks(inLockOrder(sql, rows), sql.dialect)) {
    const text = sql.dialect.updateByKey({ table, columns, set, also, guard, rows: chunk.length });
    changed += await sql.run(text, chunk.flat());
  }
  return changed;
}

function inLockOrder(sql: Sql, rows: readonly Row[]): readonly Row[] {
  return sql.dialect.locksRows ? [...rows].sort(([a], [b]) => byKey(String(a), String(b))) : rows;
}

const byKey = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
