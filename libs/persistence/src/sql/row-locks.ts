import { chunks, inList, type Sql, type SqlValue } from './sql.js';

/** A table and its primary key. */
export interface Keyed {
  table: string;
  key: string;
}

export const JOBS: Keyed = { table: 'ecron_job', key: 'job_id' };
export const ACTIVE: Keyed = { table: 'ecron_job_active', key: 'job_id' };
export const CAPS: Keyed = { table: 'ecron_cap', key: 'cap_key' };
export const EXECUTIONS: Keyed = { table: 'ecron_execution', key: 'execute_id' };
export const WEBHOOKS: Keyed = { table: 'ecron_webhook', key: 'owner_id' };
export const DELIVERIES: Keyed = { table: 'ecron_webhook_delivery', key: 'delivery_id' };

/** Locks rows by key, in its order, until the transaction ends. Does nothing where one transaction writes at a time. */
export async function lockRows(
  sql: Sql,
  table: Keyed,
  keys: readonly string[],
  kind: 'shared' | 'exclusive',
): Promise<void> {
  if (sql.dialect.locksRows) await selectLocked(sql, table, keys, sql.dialect.lock(kind));
}

/**
 * Locks of the rows those that nobody else has locked, and resolves with their keys; on a server that cannot pass
 * over the others it waits for them. Where one transaction writes at a time all are free.
 */
export async function lockFree(sql: Sql, table: Keyed, keys: readonly string[]): Promise<readonly string[]> {
  if (!sql.dialect.locksRows) return keys;
  return selectLocked(sql, table, keys, sql.dialect.lock('free rows'));
}

async function selectLocked(
  sql: Sql,
  { table, key }: Keyed,
  keys: readonly string[],
  lock: string,
): Promise<string[]> {
  if (keys.length === 0) return [];
  const list = inList([...new Set(keys)].sort());
  const rows = await sql.all<{ found: string }>(
    `SELECT ${key} AS found FROM ${table}${sql.dialect.byIndex('PRIMARY')} WHERE ${key} IN (${list.marks}) ORDER BY ${key}${lock}`,
    list.values,
  );
  return rows.map((row) => row.found);
}

/** Rows that a query finds through an index, the first `limit` of them. */
export interface Wanted extends Keyed {
  columns: string;
  where: string;
  values: readonly SqlValue[];
  index: string;
  order: string;
  limit: number;
}

/** Selects of the wanted rows those that nobody else has locked, and locks them. */
export async function selectFree<T>(sql: Sql, wanted: Wanted): Promise<T[]> {
  const { columns, table, where, values, order, limit } = wanted;
  if (sql.dialect.locksRows && !sql.dialect.skipsLocked) return selectByKeys(sql, wanted);
  const from = `${table}${sql.dialect.byIndex(wanted.index)}`;
  return sql.all<T>(
    `SELECT ${columns} FROM ${from} WHERE ${where} ORDER BY ${order} LIMIT ?${sql.dialect.lock('free rows')}`,
    [...values, limit],
  );
}

/** Waiting for rows while holding their entries in an index would be a deadlock with whoever changes both. */
async function selectByKeys<T>(sql: Sql, wanted: Wanted): Promise<T[]> {
  const { columns, table, key, where, values, order, limit } = wanted;
  const seen = await sql.all<{ found: string }>(
    `SELECT ${key} AS found FROM ${table} WHERE ${where} ORDER BY ${order} LIMIT ?`,
    [...values, limit],
  );
  const keys = inList(
    await lockFree(
      sql,
      wanted,
      seen.map((row) => row.found),
    ),
  );
  return sql.all<T>(
    `SELECT ${columns} FROM ${table} WHERE ${key} IN (${keys.marks}) AND ${where} ORDER BY ${order}`,
    [...keys.values, ...values],
  );
}

/** Rows to write: those that `where` picks. It names no table, so that it may be asked of one row as of all. */
export interface Picked extends Keyed {
  where: string;
  values: readonly SqlValue[];
}

/** What to do with them. */
export type Write = { set: string; values?: readonly SqlValue[] } | 'delete';

/** Carries out `write` on the rows that are picked; resolves with how many it changed. */
export async function writeWhere(sql: Sql, picked: Picked, write: Write): Promise<number> {
  const { text, values } = beginning(sql, picked.table, write);
  if (sql.dialect.locksRows) return writeByKeys(sql, picked, text, values);
  return sql.run(`${text} WHERE ${picked.where}`, [...values, ...picked.values]);
}

function beginning(sql: Sql, table: string, write: Write): { text: string; values: readonly SqlValue[] } {
  return write === 'delete'
    ? { text: sql.dialect.deleteFrom(table), values: [] }
    : { text: `${sql.dialect.update(table)} SET ${write.set}`, values: write.values ?? [] };
}

/** By the conditions' index its entries would be locked before the rows, against the order that all others keep. */
async function writeByKeys(
  sql: Sql,
  { table, key, where, values }: Picked,
  text: string,
  setValues: readonly SqlValue[],
): Promise<number> {
  const found = await sql.all<{ found: string }>(
    `SELECT ${key} AS found FROM ${table} WHERE ${where} ORDER BY ${key}`,
    values,
  );
  let changed = 0;
  for (const chunk of chunks(found, sql.dialect)) {
    const keys = inList(chunk.map((row) => row.found));
    const rows = `${key} IN (${keys.marks}) AND ${where}`;
    changed += await sql.run(`${text} WHERE ${rows}`, [...setValues, ...keys.values, ...values]);
  }
  return changed;
}
