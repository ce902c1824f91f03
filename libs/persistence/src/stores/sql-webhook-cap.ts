import { inList, type Sql } from '../sql/sql.js';

const CAP_NAME = 'notify_pending';
const DEFAULT_CAP = 1_000;

/** Undelivered notices that one job may have, the same for every node. */
export async function writePendingCap(sql: Sql, cap: number): Promise<void> {
  const upsert = { table: 'ecron_meta', columns: ['name', 'value'], key: 'name', set: ['value'] };
  await sql.run(sql.dialect.upsert(upsert), [CAP_NAME, String(cap)]);
}

/**
 * Deletes the oldest undelivered notices beyond the cap, but for those that are being sent; resolves with how many.
 * @param latest the sequence of the newest
 */
export async function supersedeOldest(sql: Sql, ownerId: string, latest: number): Promise<number> {
  const cap = await readCap(sql);
  const [oldest] = await sql.all<{ sequence: number }>(
    `SELECT sequence FROM ecron_webhook_delivery WHERE owner_id = ? AND status = 'pending' ORDER BY sequence LIMIT 1`,
    [ownerId],
  );
  // Mostly this is enough to know that there are few.
  if (oldest === undefined || latest - oldest.sequence < cap) return 0;
  const excess = (await countPending(sql, ownerId)) - cap;
  return excess <= 0 ? 0 : deleteOldest(sql, ownerId, excess);
}

async function readCap(sql: Sql): Promise<number> {
  const [row] = await sql.all<{ value: string }>('SELECT value FROM ecron_meta WHERE name = ?', [CAP_NAME]);
  return row === undefined ? DEFAULT_CAP : Number(row.value);
}

async function countPending(sql: Sql, ownerId: string): Promise<number> {
  const [row] = await sql.all<{ total: number }>(
    `SELECT COUNT(*) AS total FROM ecron_webhook_delivery WHERE owner_id = ? AND status = 'pending'`,
    [ownerId],
  );
  return row?.total ?? 0;
}

async function deleteOldest(sql: Sql, ownerId: string, excess: number): Promise<number> {
  const rows = await sql.all<{ delivery_id: string }>(
    `SELECT delivery_id FROM ecron_webhook_delivery WHERE owner_id = ? AND status = 'pending' AND token = ''
     ORDER BY sequence LIMIT ?`,
    [ownerId, excess],
  );
  if (rows.length === 0) return 0;
  const ids = inList(rows.map((row) => row.delivery_id).sort());
  return sql.run(
    `${sql.dialect.deleteFrom('ecron_webhook_delivery')} WHERE delivery_id IN (${ids.marks}) AND token = ''`,
    ids.values,
  );
}
