import { type Dialect, marks, tuples } from './dialect.js';

/** One pen writes: there is nothing to lock. */
export const SQLITE_DIALECT: Dialect = {
  locksRows: false,
  largestChunk: 128,
  keepsStatements: true,
  // Not a plain comparison: by the index on states the planner would visit every waiting row.
  isWaiting: `COALESCE(state, '') = 'waiting'`,
  lock: () => '',
  skipsLocked: false,
  byIndex: () => '',
  update: (table) => `UPDATE ${table}`,
  deleteFrom: (table) => `DELETE FROM ${table}`,
  insertIgnore: (table, columns, rows) =>
    `INSERT INTO ${table} (${columns.join(',')}) VALUES ${tuples(rows, columns.length)} ON CONFLICT DO NOTHING`,
  upsert: ({ table, columns, key, set }) =>
    `INSERT INTO ${table} (${columns.join(',')}) VALUES (${marks(columns.length)})
     ON CONFLICT (${key}) DO UPDATE SET ${set.map((c) => `${c} = excluded.${c}`).join(', ')}`,
  updateByKey: ({ table, columns, set, also, guard, rows }) => {
    const [key = ''] = columns;
    const sets = [...set.map((c) => `${c} = v.${c}`), ...(also ? [also] : [])].join(', ');
    return (
      `WITH v(${columns.join(',')}) AS (VALUES ${tuples(rows, columns.length)}) ` +
      `UPDATE ${table} AS t SET ${sets} FROM v WHERE t.${key} = v.${key}${guard ? ` AND ${guard}` : ''}`
    );
  },
  isDuplicateKey: (error) => /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(codeOf(error)),
};

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code);
