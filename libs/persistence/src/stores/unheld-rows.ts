import { type HeldRow, type LateVerdict, type TakeRequest } from '@ecron/scheduling';
import { type Database } from '../database.js';
import { EXECUTIONS, JOBS, lockFree, lockRows } from '../sql/row-locks.js';
import { inList, type Sql, type SqlValue } from '../sql/sql.js';
import { type FactsRow, JOIN_VERSION, toFacts, toPolicy, VERSION_FACTS } from './mapping.js';
import { queueNotices } from './sql-webhook-notices.js';

export interface HeldColumns {
  execute_id: string;
  tenant_id: string;
  due_at: number;
  traceparent: string | null;
}

interface UnheldRow extends FactsRow, HeldColumns {
  slot_at: number | null;
  misfire_at: number | null;
  policy: string | null;
  mode: string | null;
}

type Seen = Pick<UnheldRow, 'execute_id' | 'job_id' | 'misfire_at'>;

/**
 * Gives rows that nobody holds to the holder, the earliest first. Which of them are too late is judged while their
 * jobs cannot be edited.
 */
export async function takeUnheld(database: Database, request: TakeRequest): Promise<HeldRow[]> {
  const seen = await see(database, request);
  if (seen.length === 0) return [];
  return database.write('routine', async (sql) => {
    const late = seen.filter((row) => isLate(row, request));
    await lockRows(
      sql,
      JOBS,
      late.map((row) => row.job_id),
      'shared',
    );
    const ids = seen.map((row) => row.execute_id);
    const rows = await readAgain(sql, await lockFree(sql, EXECUTIONS, ids), request);
    return take(sql, rows, request);
  });
}

function see(database: Database, { lapsed, until, limit }: TakeRequest): Promise<Seen[]> {
  const holders = inList(['', ...lapsed]);
  return database.read<Seen>(
    `SELECT execute_id, job_id, misfire_at FROM ecron_execution
     WHERE state = 'waiting' AND holder IN (${holders.marks}) AND due_at <= ? ORDER BY due_at LIMIT ?`,
    [...holders.values, until, limit],
  );
}

/** What has become of the rows since they were seen. */
async function readAgain(
  sql: Sql,
  executeIds: readonly string[],
  { lapsed, until, limit }: TakeRequest,
): Promise<UnheldRow[]> {
  const ids = inList(executeIds);
  const holders = inList(['', ...lapsed]);
  return sql.all<UnheldRow>(
    `SELECT e.execute_id, e.tenant_id, e.slot_at, e.due_at, e.misfire_at, e.traceparent, ${VERSION_FACTS}, j.policy, j.mode
     FROM ecron_execution e ${JOIN_VERSION} LEFT JOIN ecron_job j ON j.job_id = e.job_id
     WHERE e.execute_id IN (${ids.marks}) AND ${sql.dialect.isWaiting} AND e.holder IN (${holders.marks})
       AND e.due_at <= ? ORDER BY e.due_at LIMIT ?`,
    [...ids.values, ...holders.values, until, limit],
  );
}

const isLate = (row: Pick<Seen, 'misfire_at'>, { now }: TakeRequest): boolean =>
  row.misfire_at !== null && row.misfire_at < now;

async function take(sql: Sql, rows: readonly UnheldRow[], request: TakeRequest): Promise<HeldRow[]> {
  const late = rows.filter((row) => isLate(row, request));
  const verdicts = new Map(late.map((row) => [row.execute_id, request.judgeLate(toLate(row))]));
  const judged = (verdict: LateVerdict) => late.filter((row) => verdicts.get(row.execute_id) === verdict);
  const taken = rows.filter((row) => (verdicts.get(row.execute_id) ?? 'run') === 'run');
  await update(sql, judged('missed'), MISSED, [request.now]);
  await update(sql, judged('run'), `reason = 'misfire', misfire_at = NULL`);
  await update(sql, taken, 'holder = ?', [request.holder]);
  await queueNotices(sql, judged('missed').map(toKeys), request.now);
  return taken.map(toHeld);
}

const toKeys = (row: Seen): { jobId: string; executeId: string } => ({
  jobId: row.job_id,
  executeId: row.execute_id,
});

export const toHeld = (row: HeldColumns): HeldRow => ({
  executeId: row.execute_id,
  tenantId: row.tenant_id,
  dueAt: row.due_at,
  ...(row.traceparent !== null && { traceparent: row.traceparent }),
});

const MISSED = `state = 'missed', reason = 'misfire', slot_to = slot_at, slot_count = 1, ended_at = ?, due_at = NULL,
  holder = ''`;

function toLate(row: UnheldRow): Parameters<TakeRequest['judgeLate']>[0] {
  return {
    executeId: row.execute_id,
    slotAt: row.slot_at ?? row.due_at,
    facts: toFacts(row),
    policy: toPolicy(row.policy ?? '{}'),
    mode: row.mode ?? 'http',
  };
}

async function update(
  sql: Sql,
  rows: readonly UnheldRow[],
  set: string,
  values: readonly SqlValue[] = [],
): Promise<void> {
  if (rows.length === 0) return;
  const ids = inList(rows.map((row) => row.execute_id));
  const { isWaiting } = sql.dialect;
  await sql.run(
    `${sql.dialect.update('ecron_execution')} SET ${set} WHERE execute_id IN (${ids.marks}) AND ${isWaiting}`,
    [...values, ...ids.values],
  );
}
