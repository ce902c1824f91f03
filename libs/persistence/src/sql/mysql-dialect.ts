import { type Dialect, marks, type RowLock, tuples } from './dialect.js';

const DUPLICATE_KEY = 1062;
/** Of a small table the server would rather read everything, and wait for rows that are none of ours. */
const BY_KEY = ' FORCE INDEX (PRIMARY)';

/**
 * MySQL and MariaDB under READ COMMITTED.
 * @param skipLocked whether the server knows SKIP LOCKED; where not, who wants free rows waits for the others
 */
export function mysqlDialect(skipLocked: boolean): Dialect {
  const locks: Record<RowLock, string> = {
    // The one spelling that MySQL 5.7, MySQL 8 and MariaDB share.
    shared: ' LOCK IN SHARE MODE',
    exclusive: ' FOR UPDATE',
    'free rows': skipLocked ? ' FOR UPDATE SKIP LOCKED' : ' FOR UPDATE',
  };
  return {
    locksRows: true,
    largestChunk: 1_000,
    keepsStatements: false,
    isWaiting: `state = 'waiting'`,
    lock: (kind) => locks[kind],
    skipsLocked: skipLocked,
    byIndex: (name) => ` FORCE INDEX (${name})`,
    update: (table) => `UPDATE ${table}${BY_KEY}`,
    deleteFrom: (table) => `DELETE ${table} FROM ${table}${BY_KEY}`,
    // INSERT IGNORE would also let through what is cut off or out of range.
    insertIgnore: (table, columns, rows) =>
      `INSERT INTO ${table} (${columns.join(',')}) VALUES ${tuples(rows, columns.length)}
       ON DUPLICATE KEY UPDATE ${columns[0]} = ${table}.${columns[0]}`,
    upsert: ({ table, columns, set }) =>
      `INSERT INTO ${table} (${columns.join(',')}) VALUES (${marks(columns.length)})
       ON DUPLICATE KEY UPDATE ${set.map((c) => `${c} = VALUES(${c})`).join(', ')}`,
    updateByKey: ({ table, columns, set, also, guard, rows }) => {
      const [key = ''] = columns;
      const sets = [...set.map((c) => `t.${c} = v.${c}`), ...(also ? [also] : [])].join(', ');
      // The rows' values lead, in their order, so that locks are taken in it too.
      return (
        `UPDATE (${union(columns, rows)}) v STRAIGHT_JOIN ${table} t${BY_KEY} ON t.${key} = v.${key} ` +
        `SET ${sets}${guard ? ` WHERE ${guard}` : ''}`
      );
    },
    isDuplicateKey: (error) => (error as { errno?: unknown }).errno === DUPLICATE_KEY,
  };
}

/** Rows of values as a table that every version reads. */
function union(columns: readonly string[], rows: number): string {
  const first = `SELECT ${columns.map((c) => `? AS ${c}`).join(',')}`;
  return first + ` UNION ALL SELECT ${marks(columns.length)}`.repeat(rows - 1);
}
