import {
  CLOCKS_APART_MS,
  judgeStart,
  type PolicyDefaults,
  type Reason,
  resolvePolicy,
  START_AHEAD_MS,
  type StartVerdict,
} from '@ecron/domain';
import { type StartRequest } from '@ecron/execution';
import { type ExecutionRow } from '../rows/index.js';
import { JOBS, lockRows } from '../sql/row-locks.js';
import { inList, insertIgnore, type Sql, updateByKey } from '../sql/sql.js';
import { policyOf } from '../stores/mapping.js';

const COLUMNS = [
  'execute_id',
  'job_id',
  'job_version',
  'tenant_id',
  'context',
  'policy',
  'reason',
  'trigger_kind',
  'slot_at',
  'due_at',
  'epoch',
  'attempt',
  'misfire_at',
  'begun_at',
  'started_at',
  'nominal_at',
  'cancel_reason',
  'attempts',
  'traceparent',
] as const;

export interface StartOrder extends StartRequest {
  defaults: PolicyDefaults;
}

/** A waiting row that is due, beside its job as it stands. */
export interface CandidateRow extends Pick<ExecutionRow, (typeof COLUMNS)[number]> {
  stored_enabled: number | null;
  stored_version: number | null;
  stored_context: string | null;
  stored_policy: string | null;
  stored_zone: string | null;
}

type ActiveCandidate = Pick<CandidateRow, 'execute_id' | 'job_id' | 'job_version'>;

/** To be completed by a condition. */
export const SELECT_CANDIDATES = `SELECT ${COLUMNS.map((c) => `e.${c}`).join(', ')}, j.enabled AS stored_enabled, j.version AS stored_version,
    j.context AS stored_context, j.policy AS stored_policy, j.time_zone AS stored_zone
  FROM ecron_execution e LEFT JOIN ecron_job j ON j.job_id = e.job_id AND e.job_version > 0`;

/** What waits and is due, or will be so soon that it may perhaps be started. */
export async function findCandidates(sql: Sql, request: StartOrder): Promise<CandidateRow[]> {
  const ids = inList(request.executeIds);
  await lockJobsOf(sql, ids);
  const rows = await sql.all<CandidateRow>(
    `${SELECT_CANDIDATES} WHERE e.execute_id IN (${ids.marks}) AND ${sql.dialect.isWaiting} AND e.due_at <= ?`,
    [...ids.values, request.now + START_AHEAD_MS + CLOCKS_APART_MS],
  );
  return rows.sort(byJobThenTime);
}

export const isAhead = (row: CandidateRow, now: number): boolean => row.due_at !== null && row.due_at > now;

/** An edit that has been acknowledged is seen, and one that is under way waits until the runs have started. */
async function lockJobsOf(sql: Sql, ids: ReturnType<typeof inList>): Promise<void> {
  if (!sql.dialect.locksRows) return;
  const rows = await sql.all<{ job_id: string }>(
    `SELECT job_id FROM ecron_execution WHERE execute_id IN (${ids.marks}) AND ${sql.dialect.isWaiting} AND job_version > 0`,
    ids.values,
  );
  await lockRows(
    sql,
    JOBS,
    rows.map((row) => row.job_id),
    'shared',
  );
}

/** Locks are taken in the order of jobs; of two runs of one job the earlier goes first. */
function byJobThenTime(a: CandidateRow, b: CandidateRow): number {
  return a.job_id < b.job_id ? -1 : a.job_id > b.job_id ? 1 : a.nominal_at - b.nominal_at;
}

export function judge(row: CandidateRow, defaults: PolicyDefaults, now: number): StartVerdict {
  const belongsToJob = row.job_version > 0;
  const candidate = {
    slotAt: row.slot_at,
    trigger: row.trigger_kind as 'schedule' | 'request',
    begunAt: row.begun_at,
    misfireAt: row.misfire_at,
    cancelReason: row.cancel_reason as Reason,
    belongsToJob,
    job: row.stored_enabled === null ? null : { enabled: row.stored_enabled === 1 },
  };
  return judgeStart(candidate, resolvePolicy(policyOf(row), 'http', defaults), now);
}

/**
 * Asks for the jobs' active rows, sorted by job, and says which executions have them: a row whose execution is
 * final or gone counts as free and is taken over.
 */
export async function activate(sql: Sql, rows: readonly ActiveCandidate[]): Promise<Set<string>> {
  const guarded = rows.filter((row) => row.job_version > 0);
  const allowed = new Set(rows.filter((row) => row.job_version === 0).map((row) => row.execute_id));
  if (guarded.length === 0) return allowed;
  const wanted = guarded.map((row) => [row.job_id, row.execute_id]);
  const inserted = await insertIgnore(sql, 'ecron_job_active', ['job_id', 'execute_id'], wanted);
  if (inserted === guarded.length) return new Set(rows.map((row) => row.execute_id));
  const byJob = new Map((await findActive(sql, guarded)).map((a) => [a.job_id, a]));
  for (const row of guarded) {
    const active = byJob.get(row.job_id);
    if (active?.execute_id === row.execute_id) allowed.add(row.execute_id);
    else if (active?.is_free === 1 && (await takeOver(sql, row, active))) allowed.add(row.execute_id);
  }
  return allowed;
}

interface Active {
  job_id: string;
  execute_id: string;
  is_free: number;
}

async function findActive(sql: Sql, rows: readonly ActiveCandidate[]): Promise<Active[]> {
  const jobs = inList(rows.map((row) => row.job_id));
  return sql.all<Active>(
    `SELECT a.job_id, a.execute_id,
       CASE WHEN e.state IN ('waiting', 'running', 'accepted') THEN 0 ELSE 1 END AS is_free
     FROM ecron_job_active a LEFT JOIN ecron_execution e ON e.execute_id = a.execute_id
     WHERE a.job_id IN (${jobs.marks})`,
    jobs.values,
  );
}

async function takeOver(sql: Sql, row: ActiveCandidate, active: Active): Promise<boolean> {
  const changed = await sql.run(
    'UPDATE ecron_job_active SET execute_id = ? WHERE job_id = ? AND execute_id = ?',
    [row.execute_id, row.job_id, active.execute_id],
  );
  active.execute_id = row.execute_id;
  active.is_free = 0;
  return changed === 1;
}

/** Behind an earlier run of its job a slot is skipped; a request waits until that run ends. */
export async function setBack(sql: Sql, rows: readonly CandidateRow[], now: number): Promise<void> {
  const values = rows.map((row) =>
    row.trigger_kind === 'schedule' && row.epoch === 0
      ? [row.execute_id, 'skipped', 'overlap', now]
      : [row.execute_id, 'waiting', 'overlap', null],
  );
  await endOrHoldBack(sql, values);
}

/** Rows of [execute_id, state, reason, ended_at]; none is due any more. */
export async function endOrHoldBack(sql: Sql, values: (string | number | null)[][]): Promise<void> {
  await updateByKey(sql, 'ecron_execution', ['execute_id', 'state', 'reason', 'ended_at'], values, {
    guard: `t.state = 'waiting'`,
    also: `due_at = NULL, holder = ''`,
  });
}
