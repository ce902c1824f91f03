import { type Caps, minuteOf } from '@ecron/domain';
import { type CapRow } from '../rows/index.js';
import { CAPS, lockRows } from '../sql/row-locks.js';
import { inList, type Sql, updateByKey } from '../sql/sql.js';
import { type CandidateRow, SELECT_CANDIDATES } from '../transactions/start-rows.js';
import { CAP_SIGN, queuesOf } from './cap-keys.js';
import { queueUp, seek, toApplicant } from './place-runs.js';

/** Caps, and rows of each, that one transaction looks at. */
const CAPS_PER_STEP = 16;
const ROWS_PER_CAP = 64;

/** Caps that have places free and runs waiting for them; a rate has all of its own in a new minute. Bound: {@link openCapsAt}. */
export const OPEN_CAPS = `SELECT cap_key, CASE WHEN minute_at > 0 AND minute_at < ? THEN 0 ELSE used END AS used, cap_limit, turn
  FROM ecron_cap WHERE queued = 1 AND (used < cap_limit OR (minute_at > 0 AND minute_at < ?)) ORDER BY cap_key LIMIT ?`;
type OpenCap = Pick<CapRow, 'cap_key' | 'used' | 'cap_limit' | 'turn'>;

export const openCapsAt = (now: number, limit: number): number[] => [minuteOf(now), minuteOf(now), limit];

/** What one step has done: rows that got their places or went on to another queue, and caps nobody waits for. */
export interface HandOver {
  handled: number;
  idle: string[];
}

/**
 * Gives free places to the runs that wait for them, tenants in turn and of each the oldest first: they are due again,
 * and their places are theirs. One that lacks another place goes on to the queue for that.
 */
export async function handOver(sql: Sql, caps: Caps, now: number): Promise<HandOver> {
  const open = await sql.all<OpenCap>(OPEN_CAPS, openCapsAt(now, CAPS_PER_STEP));
  const next = await findNext(sql, open);
  const idle = open.filter((cap) => !next.has(cap.cap_key)).map((cap) => cap.cap_key);
  const rows = [...next.values()].flat();
  const lacking = await seek(
    sql,
    [...next].flatMap(([key, some]) => some.map((row) => toApplicant(row, caps, key))),
    now,
  );
  await queueUp(sql, rows, lacking);
  await wake(
    sql,
    // One that is not due (a bad restore) stands in no queue: it sleeps, and comes back when it is woken.
    rows.filter((row) => !lacking.has(row.execute_id) || row.due_at === null),
  );
  const turns = [...next].map(([key, some]) => [key, some.at(-1)?.holder ?? '']);
  await updateByKey(sql, 'ecron_cap', ['cap_key', 'turn'], turns);
  return { handled: rows.length, idle };
}

/** Whoever comes for a place of these may take it again, where really nobody waits. Resolves with how many these are. */
export async function closeQueues(sql: Sql, keys: readonly string[]): Promise<number> {
  await lockRows(sql, CAPS, keys, 'exclusive');
  const empty: string[] = [];
  // Read after the lock, so that it sees who has queued up before.
  for (const key of keys) if ((await nextQueue(sql, ...queuesOf(key))) === undefined) empty.push(key);
  if (empty.length === 0) return 0;
  const list = inList(empty);
  return sql.run(
    `${sql.dialect.update('ecron_cap')} SET queued = 0 WHERE cap_key IN (${list.marks})`,
    list.values,
  );
}

type QueuedRow = CandidateRow & { holder: string };

async function findNext(sql: Sql, open: readonly OpenCap[]): Promise<Map<string, QueuedRow[]>> {
  const next = new Map<string, QueuedRow[]>();
  for (const cap of open) {
    const rows = await findOldest(sql, cap);
    if (rows.length > 0) next.set(cap.cap_key, rows);
  }
  return next;
}

/** As many as there are places free, of each queue in turn. */
async function findOldest(sql: Sql, cap: OpenCap): Promise<QueuedRow[]> {
  const free = Math.min(cap.cap_limit - cap.used, ROWS_PER_CAP);
  const queues = await queuesInTurn(sql, cap, free);
  const lines: QueuedRow[][] = [];
  for (const queue of queues) lines.push(await oldestOf(sql, queue, Math.ceil(free / queues.length)));
  return inTurn(lines).slice(0, free);
}

async function oldestOf(sql: Sql, queue: string, limit: number): Promise<QueuedRow[]> {
  const rows = await sql.all<CandidateRow>(
    `${SELECT_CANDIDATES} WHERE e.state = 'waiting' AND e.holder = ? ORDER BY e.due_at LIMIT ?`,
    [queue, limit],
  );
  return rows.map((row) => ({ ...row, holder: queue }));
}

function inTurn<T>(lines: readonly T[][]): T[] {
  const rounds = Math.max(0, ...lines.map((line) => line.length));
  return Array.from({ length: rounds }).flatMap((_, n) => lines.flatMap((line) => line.slice(n, n + 1)));
}

/** Beginning behind the queue whose turn it was last. */
async function queuesInTurn(sql: Sql, { cap_key: key, turn }: OpenCap, limit: number): Promise<string[]> {
  const [first, end] = queuesOf(key);
  if (turn === '') return listQueues(sql, first, end, limit);
  const behind = await listQueues(sql, turn, end, limit);
  const [, justBehind] = queuesOf(turn);
  return [...behind, ...(await listQueues(sql, first, justBehind, limit - behind.length))];
}

/** By one step through the index for each, however many rows are in it. */
async function listQueues(sql: Sql, after: string, before: string, limit: number): Promise<string[]> {
  const queues: string[] = [];
  for (let at: string | undefined = after; at !== undefined && queues.length < limit;) {
    at = await nextQueue(sql, at, before);
    if (at !== undefined) queues.push(at);
  }
  return queues;
}

async function nextQueue(sql: Sql, after: string, before: string): Promise<string | undefined> {
  const [row] = await sql.all<{ holder: string }>(
    `SELECT holder FROM ecron_execution WHERE state = 'waiting' AND holder > ? AND holder < ? ORDER BY holder LIMIT 1`,
    [after, before],
  );
  return row?.holder;
}

async function wake(sql: Sql, rows: readonly QueuedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const ids = inList(rows.map((row) => row.execute_id));
  await sql.run(
    `${sql.dialect.update('ecron_execution')} SET holder = '', reason = ''
     WHERE execute_id IN (${ids.marks}) AND ${sql.dialect.isWaiting} AND holder > ?`,
    [...ids.values, CAP_SIGN],
  );
}
