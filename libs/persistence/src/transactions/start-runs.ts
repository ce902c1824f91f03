import { type PolicyDefaults } from '@ecron/domain';
import { type StartedRun, type StartRequest } from '@ecron/execution';
import { inList, IS_WAITING, type Sql, updateByKey } from '../sql/sql.js';
import { releaseActive } from '../stores/active-rows.js';
import { policyOf, toAttempts } from '../stores/mapping.js';
import { activate, type CandidateRow, endOrHoldBack, findCandidates, judge, setBack } from './start-rows.js';

const START = `UPDATE ecron_execution SET state = 'running', reason = '', epoch = epoch + 1, attempt = attempt + 1,
    holder = ?, start_token = ?, started_at = ?, begun_at = COALESCE(begun_at, ?), due_at = NULL, misfire_at = NULL
  WHERE execute_id IN (#) AND ${IS_WAITING}`;

export interface StartOrder extends StartRequest {
  defaults: PolicyDefaults;
}

/** A started run with its context as text: it is read on the thread that needs it. */
export type StartedRow = Omit<StartedRun, 'context'> & { context: string };

export async function startRuns(sql: Sql, order: StartOrder): Promise<StartedRow[]> {
  const candidates = await findCandidates(sql, order);
  const runnable = await judgeAll(sql, candidates, order);
  if (runnable.length === 0) return [];
  const allowed = await activate(sql, runnable);
  const winners = runnable.filter((row) => allowed.has(row.execute_id));
  await setBack(
    sql,
    runnable.filter((row) => !allowed.has(row.execute_id)),
    order.now,
  );
  return winners.length === 0 ? [] : markRunning(sql, winners, order);
}

async function judgeAll(
  sql: Sql,
  rows: CandidateRow[],
  { defaults, now }: StartOrder,
): Promise<CandidateRow[]> {
  const runnable: CandidateRow[] = [];
  const ended: (string | number)[][] = [];
  const left: string[] = [];
  for (const row of rows) {
    const verdict = judge(row, defaults, now);
    if (verdict.kind === 'may run') runnable.push(row);
    if (verdict.kind === 'leave') left.push(row.execute_id);
    if (verdict.kind === 'end') ended.push([row.execute_id, verdict.state, verdict.reason, now]);
  }
  await endOrHoldBack(sql, ended);
  await letGo(sql, left);
  if (ended.length > 0)
    await releaseActive(
      sql,
      rows.map((r) => ({ jobId: r.job_id, executeId: r.execute_id })),
    );
  return runnable;
}

/** A misfired row is judged by whoever takes it next, so nobody may hold it. */
async function letGo(sql: Sql, executeIds: readonly string[]): Promise<void> {
  if (executeIds.length === 0) return;
  const ids = inList(executeIds);
  await sql.run(
    `UPDATE ecron_execution SET holder = '' WHERE execute_id IN (${ids.marks}) AND ${IS_WAITING}`,
    [...ids.values],
  );
}

/** A count does not say which rows of a batch were won, so they are read back by the token. */
async function markRunning(
  sql: Sql,
  rows: readonly CandidateRow[],
  request: StartRequest,
): Promise<StartedRow[]> {
  const ids = inList(rows.map((row) => row.execute_id));
  const { nodeId, token, now } = request;
  await sql.run(START.replace('#', ids.marks), [nodeId, token, now, now, ...ids.values]);
  await writeVersions(
    sql,
    rows.filter((row) => row.stored_version !== null && row.stored_version !== row.job_version),
  );
  const won = await sql.all<{ execute_id: string; epoch: number; attempt: number }>(
    `SELECT execute_id, epoch, attempt FROM ecron_execution WHERE execute_id IN (${ids.marks}) AND start_token = ?`,
    [...ids.values, token],
  );
  const byId = new Map(won.map((row) => [row.execute_id, row]));
  return rows.flatMap((row) => {
    const start = byId.get(row.execute_id);
    return start === undefined ? [] : [toRun(row, start, now)];
  });
}

/** A run goes by its job as it stands; few have been edited since their slot was written. */
async function writeVersions(sql: Sql, rows: readonly CandidateRow[]): Promise<void> {
  const values = rows.map((row) => [row.execute_id, row.stored_version]);
  await updateByKey(sql, 'ecron_execution', ['execute_id', 'job_version'], values);
}

function toRun(row: CandidateRow, start: { epoch: number; attempt: number }, now: number): StartedRow {
  return {
    executeId: row.execute_id,
    jobId: row.job_id,
    tenantId: row.tenant_id,
    slotAt: row.slot_at,
    zone: row.stored_zone ?? 'UTC',
    attempt: start.attempt,
    epoch: start.epoch,
    begunAt: row.begun_at ?? now,
    startedAt: now,
    // Its own where it has one, else the job's as it stands.
    context: row.context ?? row.stored_context ?? '{}',
    policy: policyOf(row),
    attempts: toAttempts(row.attempts),
  };
}
