import { type CapPlaceRow } from '../rows/index.js';
import { CAPS, lockRows } from '../sql/row-locks.js';
import { inList, type Sql } from '../sql/sql.js';
import { CAP_SIGN, isRate } from './cap-keys.js';

/** Neither taken by the run that it was for nor kept for its start. */
const IS_OVER = `NOT EXISTS (SELECT 1 FROM ecron_execution e WHERE e.execute_id = ecron_cap_place.execute_id AND (
  (e.epoch = ecron_cap_place.epoch AND e.state IN ('running', 'accepted')) OR
  (e.epoch = ecron_cap_place.epoch - 1 AND e.state = 'waiting' AND e.holder < '${CAP_SIGN}')))`;

/** Of the places behind this execution's; bound: the execution, how many. */
export const PLACES_BEHIND = `SELECT execute_id, cap_key, CASE WHEN ${IS_OVER} THEN 1 ELSE 0 END AS is_over
  FROM ecron_cap_place WHERE execute_id > ? ORDER BY execute_id LIMIT ?`;
export type CheckedPlace = Pick<CapPlaceRow, 'execute_id' | 'cap_key'> & { is_over: number };

/** Gives back places whose runs are over, and counts again what is left of their caps. */
export async function recountPlaces(sql: Sql, over: readonly CheckedPlace[]): Promise<void> {
  const keys = [...new Set(over.map((p) => p.cap_key))];
  await lockRows(sql, CAPS, keys, 'exclusive');
  const [ids, caps] = [inList(over.map((p) => p.execute_id)), inList(keys)];
  await sql.run(
    `${sql.dialect.deleteFrom('ecron_cap_place')} WHERE execute_id IN (${ids.marks}) AND cap_key IN (${caps.marks}) AND ${IS_OVER}`,
    [...ids.values, ...caps.values],
  );
  const counted = inList(keys.filter((key) => !isRate(key)));
  await sql.run(
    `${sql.dialect.update('ecron_cap')} SET used = (SELECT COUNT(*) FROM ecron_cap_place p WHERE p.cap_key = ecron_cap.cap_key)
     WHERE cap_key IN (${counted.marks})`,
    counted.values,
  );
}
