import { CLOCKS_APART_MS, START_AHEAD_MS, startAheadMs } from '@ecron/domain';
import { type StartedRun, type StartRequest } from '@ecron/execution';
import { placeRuns, toApplicant } from '../caps/place-runs.js';
import { inList, type Sql, updateByKey } from '../sql/sql.js';
import { lockActive, releaseActive } from '../stores/active-rows.js';
import { policyOf, toAttempts } from '../stores/mapping.js';
import { queueNotices } from '../stores/sql-webhook-notices.js';
import {
  activate,
  type CandidateRow,
  endOrHoldBack,
  findCandidates,
  isAhead,
  judge,
  setBack,
  type StartOrder,
} from './start-rows.js';

/** A first start that is so late moves its row in the lists that go by the begin. */
const PUNCTUAL_MS = 1_000;

const START = `state = 'running', reason = CASE WHEN reason = 'misfire' THEN reason ELSE '' END,
    epoch = epoch + 1, attempt = attempt + 1, holder = ?, start_token = ?,
    started_at = CASE WHEN due_at > ? THEN due_at ELSE ? END,
    begun_at = COALESCE(begun_at, CASE WHEN due_at > ? THEN due_at ELSE ? END), due_at = NULL, misfire_at = NULL`;

/** What the row may hold anew since it was found to be a candidate. */
const WON = ['execute_id', 'epoch', 'attempt', 'begun_at', 'started_at', 'attempts'] as const;
type Won = Pick<CandidateRow, (typeof WON)[number]>;

/** A started run with its context as text: it is read on the thread that needs it. */
export type StartedRow = Omit<StartedRun, 'context'> & { context: string };

export async function startRuns(sql: Sql, order: StartOrder): Promise<StartedRow[]> {
  const found = await findCandidates(sql, order);
  const candidates = found.filter((row) => !isAhead(row, order.now) || mayStartAhead(row, order));
  const started = await startSome(sql, candidates, order);
  const begun = new Set(started.map((run) => run.executeId));
  const others = candidates.filter((row) => !begun.has(row.execute_id));
  await queueNotices(sql, others.map(toKeys), order.now);
  return started;
}

async function startSome(sql: Sql, candidates: CandidateRow[], order: StartOrder): Promise<StartedRow[]> {
  const runnable = await judgeAll(sql, candidates, order);
  if (runnable.length === 0) return [];
  const allowed = await activate(sql, runnable);
  const winners = runnable.filter((row) => allowed.has(row.execute_id));
  await setBack(
    sql,
    // Until its slot the run before it may end.
    runnable.filter((row) => !allowed.has(row.execute_id) && !isAhead(row, order.now)),
    order.now,
  );
  const placed = await placeRuns(sql, winners, order.defaults.caps, order.now);
  return placed.length === 0 ? [] : markRunning(sql, placed, order);
}

/** First attempts of slots, where no cap counts the time until the slot. */
function mayStartAhead(row: CandidateRow, { defaults: { caps } }: StartOrder): boolean {
  if (row.trigger_kind !== 'schedule' || row.epoch > 0 || row.due_at === null) return false;
  if (startAheadMs(row.due_at) === 0) return false;
  return caps === undefined || toApplicant(row, caps).claims.length === 0;
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
  await letGo(sql, left);
  if (ended.length > 0) await end(sql, rows, ended);
  return runnable;
}

/** Ends some of the rows, and gives back the jobs that they had. */
async function end(sql: Sql, rows: readonly CandidateRow[], ended: (string | number)[][]): Promise<void> {
  const all = rows.map(toKeys);
  await lockActive(sql, all);
  await endOrHoldBack(sql, ended);
  await releaseActive(sql, all);
}

const toKeys = (row: CandidateRow): { jobId: string; executeId: string } => ({
  jobId: row.job_id,
  executeId: row.execute_id,
});

/** A misfired row is judged by whoever takes it next, so nobody may hold it. */
async function letGo(sql: Sql, executeIds: readonly string[]): Promise<void> {
  if (executeIds.length === 0) return;
  const ids = inList(executeIds);
  await sql.run(
    `${sql.dialect.update('ecron_execution')} SET holder = '' WHERE execute_id IN (${ids.marks}) AND ${sql.dialect.isWaiting}`,
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
  await sql.run(
    `${sql.dialect.update('ecron_execution')} SET ${START}
     WHERE execute_id IN (${ids.marks}) AND ${sql.dialect.isWaiting} AND due_at <= ?`,
    [nodeId, token, now, now, now, now, ...ids.values, now + START_AHEAD_MS + CLOCKS_APART_MS],
  );
  const won = await sql.all<Won>(
    `SELECT ${WON.join(', ')} FROM ecron_execution WHERE execute_id IN (${ids.marks}) AND start_token = ?`,
    [...ids.values, token],
  );
  const byId = new Map(won.map((row) => [row.execute_id, row]));
  await releaseActive(sql, rows.filter((row) => !byId.has(row.execute_id)).map(toKeys));
  const started = rows.flatMap((row) => {
    const start = byId.get(row.execute_id);
    return start === undefined ? [] : [{ ...row, ...start }];
  });
  await writeVersions(sql, started);
  await moveLate(sql, rows, now);
  return started.map(toRun);
}

/** A run goes by its job as it stands; few have been edited since their slot was written. */
async function writeVersions(sql: Sql, rows: readonly CandidateRow[]): Promise<void> {
  const edited = rows.filter((row) => row.stored_version !== null && row.stored_version !== row.job_version);
  const values = edited.map((row) => [row.execute_id, row.stored_version]);
  await updateByKey(sql, 'ecron_execution', ['execute_id', 'job_version'], values);
}

/** Three indexes end in this column: a punctual start leaves it as the claim wrote it. */
async function moveLate(sql: Sql, rows: readonly CandidateRow[], now: number): Promise<void> {
  const late = rows.filter((row) => row.begun_at === null && row.nominal_at <= now - PUNCTUAL_MS);
  const values = late.map((row) => [row.execute_id, now]);
  await updateByKey(sql, 'ecron_execution', ['execute_id', 'listed_at'], values, {
    guard: 't.begun_at = v.listed_at',
  });
}

export function toRun(row: CandidateRow): StartedRow {
  const startedAt = row.started_at ?? row.nominal_at;
  return {
    executeId: row.execute_id,
    jobId: row.job_id,
    tenantId: row.tenant_id,
    slotAt: row.slot_at,
    zone: row.stored_zone ?? 'UTC',
    attempt: row.attempt,
    epoch: row.epoch,
    begunAt: row.begun_at ?? startedAt,
    startedAt,
    // Its own where it has one, else the job's as it stands.
    context: row.context ?? row.stored_context ?? '{}',
    policy: policyOf(row),
    attempts: toAttempts(row.attempts),
    ...(row.traceparent !== null && { traceparent: row.traceparent }),
  };
}
