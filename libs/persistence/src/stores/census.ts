import { CAP_SIGN } from '../caps/cap-keys.js';
import { type Database } from '../database.js';
import { IS_LIVE, liveBetween } from './sql-node.store.js';

/** Counting ends here: more than so many is told as so many. */
const MOST_COUNTED = 100_000;

/** What there is in whole tables. */
export interface Census {
  /** Executions that are due and have not started, but those that wait under a cap; of each holder at most 100 000. */
  queueDepth: number;
  oldestDueS: number;
  /** Webhook deliveries that are pending, at most 100 000. */
  outboxPending: number;
  /** Executions that their targets have accepted, at most 100 000. */
  callbacksAwaited: number;
  /** Live nodes by role. */
  nodes: Record<string, number>;
}

/** Counts by indexes, among what callers list, so that no routine waits for it. */
export async function takeCensus(database: Database, now: number): Promise<Census> {
  const [due, outboxPending, callbacksAwaited, nodes] = await Promise.all([
    countDue(database, now),
    countUpTo(database, "ecron_webhook_delivery WHERE queue_host > ''"),
    countUpTo(database, "ecron_execution WHERE state = 'accepted'"),
    countNodes(database, now),
  ]);
  return { ...due, outboxPending, callbacksAwaited, nodes };
}

/** By a step through the index for each holder: the rows of one lie in the order of their due times. */
async function countDue(database: Database, now: number): Promise<Pick<Census, 'queueDepth' | 'oldestDueS'>> {
  let queueDepth = 0;
  let oldestDueAt = now;
  for (let holder = await holderFrom(database, '>=', ''); holder !== undefined;) {
    const [row] = await database.browse<{ total: number; oldest: number | null }>(
      `SELECT COUNT(*) AS total, MIN(due_at) AS oldest FROM (SELECT due_at FROM ecron_execution
       WHERE state = 'waiting' AND holder = ? AND due_at <= ? ORDER BY due_at LIMIT ?) first_due`,
      [holder, now, MOST_COUNTED],
    );
    queueDepth += Number(row?.total ?? 0);
    oldestDueAt = Math.min(oldestDueAt, Number(row?.oldest ?? now));
    holder = await holderFrom(database, '>', holder);
  }
  return { queueDepth, oldestDueS: (now - oldestDueAt) / 1000 };
}

async function holderFrom(
  database: Database,
  operator: '>' | '>=',
  holder: string,
): Promise<string | undefined> {
  const [row] = await database.browse<{ holder: string }>(
    `SELECT holder FROM ecron_execution WHERE state = 'waiting' AND holder ${operator} ? AND holder < ?
     ORDER BY holder LIMIT 1`,
    [holder, CAP_SIGN],
  );
  return row?.holder;
}

async function countUpTo(database: Database, where: string): Promise<number> {
  const [row] = await database.browse<{ total: number }>(
    `SELECT COUNT(*) AS total FROM (SELECT 1 AS one FROM ${where} LIMIT ?) counted`,
    [MOST_COUNTED],
  );
  return Number(row?.total ?? 0);
}

async function countNodes(database: Database, now: number): Promise<Record<string, number>> {
  const rows = await database.browse<{ role: string; total: number }>(
    `SELECT role, COUNT(*) AS total FROM ecron_node WHERE ${IS_LIVE} GROUP BY role`,
    liveBetween(now),
  );
  return Object.fromEntries(rows.map(({ role, total }) => [role, Number(total)]));
}
