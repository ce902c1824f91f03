export type SqlValue = string | number | null;

/** Statements inside one transaction. */
export interface Sql {
  all<T>(sql: string, values?: readonly SqlValue[]): Promise<T[]>;
  /** Resolves with the number of changed rows. */
  run(sql: string, values?: readonly SqlValue[]): Promise<number>;
}

/**
 * "Waits", for statements that name their rows by id. Not a plain comparison: by the index on states the planner
 * would then visit every waiting row instead of the few that are named.
 */
export const IS_WAITING = `COALESCE(state, '') = 'waiting'`;

const LARGEST_CHUNK = 128;

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

/** Cuts rows into chunks whose lengths are powers of two, for the same reason as {@link inList}. */
export function chunks<T>(rows: readonly T[]): T[][] {
  const cut: T[][] = [];
  for (let at = 0; at < rows.length;) {
    const size = Math.min(LARGEST_CHUNK, 2 ** Math.floor(Math.log2(rows.length - at)));
    cut.push(rows.slice(at, at + size));
    at += size;
  }
  return cut;
}

const tuples = (rows: number, columns: number): string => {
  const tuple = `(${new Array(columns).fill('?').join(',')})`;
  return new Array(rows).fill(tuple).join(',');
};

/** Multi-row insert. Rows whose key exists are left as they are; resolves with how many were new. */
export async function insertIgnore(
  sql: Sql,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): Promise<number> {
  let inserted = 0;
  for (const chunk of chunks(rows)) {
    const text = `INSERT INTO ${table} (${columns.join(',')}) VALUES ${tuples(chunk.length, columns.length)} ON CONFLICT DO NOTHING`;
    inserted += await sql.run(text, chunk.flat());
  }
  return inserted;
}

/**
 * Multi-row update by key: each row brings the values of `columns`, the first of which is the key.
 * `guard` sees the table as `t` and the row's values as `v`; a row it refuses is left alone.
 */
export async function updateByKey(
  sql: Sql,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
  more: { guard?: string; set?: readonly string[] } = {},
): Promise<number> {
  const [key = '', ...rest] = columns;
  const sets = (more.set ?? rest).map((column) => `${column} = v.${column}`).join(', ');
  let changed = 0;
  for (const chunk of chunks(rows)) {
    const text =
      `WITH v(${columns.join(',')}) AS (VALUES ${tuples(chunk.length, columns.length)}) ` +
      `UPDATE ${table} AS t SET ${sets} FROM v WHERE t.${key} = v.${key}${more.guard ? ` AND ${more.guard}` : ''}`;
    changed += await sql.run(text, chunk.flat());
  }
  return changed;
}
