import { type RunKey } from '@ecron/execution';
import { type CapPlaceRow } from '../rows/index.js';
import { CAPS, lockRows } from '../sql/row-locks.js';
import { inList, type Sql, updateByKey } from '../sql/sql.js';
import { isRate } from './cap-keys.js';

/**
 * Gives back the places of runs that are over. What this cannot tell, because the execution has been started anew, is
 * left for the recount.
 */
export async function releasePlaces(sql: Sql, runs: readonly RunKey[]): Promise<void> {
  if (runs.length === 0) return;
  await lockCapsOf(sql, runs);
  const epochs = new Map(runs.map((run) => [run.executeId, run.epoch]));
  const places = await findPlaces(sql, runs);
  const newer = places.filter((p) => p.epoch > (epochs.get(p.execute_id) ?? 0)).map((p) => p.execute_id);
  await removePlaces(
    sql,
    places.filter((p) => !newer.includes(p.execute_id)),
  );
}

/** All that each of the executions has; their caps are locked. */
async function removePlaces(sql: Sql, places: readonly CapPlaceRow[]): Promise<void> {
  if (places.length === 0) return;
  const ids = inList([...new Set(places.map((p) => p.execute_id))]);
  await sql.run(
    `${sql.dialect.deleteFrom('ecron_cap_place')} WHERE execute_id IN (${ids.marks})`,
    ids.values,
  );
  const freed = new Map<string, number>();
  // What has been started stays so, however it ends.
  for (const { cap_key: key } of places.filter(isCounted)) freed.set(key, (freed.get(key) ?? 0) + 1);
  await updateByKey(sql, 'ecron_cap', ['cap_key', 'freed'], [...freed], {
    set: [],
    also: 'used = t.used - v.freed',
  });
}

async function lockCapsOf(sql: Sql, runs: readonly RunKey[]): Promise<void> {
  if (!sql.dialect.locksRows) return;
  const places = await findPlaces(sql, runs);
  await lockRows(
    sql,
    CAPS,
    places.filter(isCounted).map((p) => p.cap_key),
    'exclusive',
  );
}

const isCounted = ({ cap_key: key }: CapPlaceRow): boolean => !isRate(key);

function findPlaces(sql: Sql, runs: readonly RunKey[]): Promise<CapPlaceRow[]> {
  const ids = inList(runs.map((run) => run.executeId));
  return sql.all<CapPlaceRow>(
    `SELECT execute_id, cap_key, epoch FROM ecron_cap_place WHERE execute_id IN (${ids.marks})`,
    ids.values,
  );
}
