import { isFinal, type PolicyDefaults, type Reason, type Settlement } from '@ecron/domain';
import { type RunningRow, type RunRecord, RunStore, type StartedRun, type StartRequest } from '@ecron/execution';
import { type Database } from '../database.js';
import { inList, type Sql, updateByKey } from '../sql/sql.js';
import { releaseActive } from './active-rows.js';
import { policyOf, toAttempts } from './mapping.js';
import { activate, type CandidateRow, contextOf, endOrHoldBack, findCandidates, judge, setBack } from './start-rows.js';

const START = `UPDATE ecron_execution SET state = 'running', reason = '', epoch = epoch + 1, attempt = attempt + 1,
    holder = ?, start_token = ?, started_at = ?, begun_at = COALESCE(begun_at, ?), due_at = NULL, misfire_at = NULL
  WHERE execute_id IN (#) AND state = 'waiting'`;

export class SqlRunStore extends RunStore {
  constructor(
    private readonly database: Database,
    private readonly defaults: PolicyDefaults,
  ) {
    super();
  }

  start(request: StartRequest): Promise<StartedRun[]> {
    return this.database.write('start', async (sql) => {
      const candidates = await findCandidates(sql, request);
      const runnable = await this.judgeAll(sql, candidates, request.now);
      if (runnable.length === 0) return [];
      const allowed = await activate(sql, runnable);
      const winners = runnable.filter((row) => allowed.has(row.execute_id));
      await setBack(sql, runnable.filter((row) => !allowed.has(row.execute_id)), request.now);
      return winners.length === 0 ? [] : markRunning(sql, winners, request);
    });
  }

  record(records: readonly RunRecord[]): Promise<Pick<RunRecord, 'executeId' | 'jobId' | 'settlement'>[]> {
    return this.database.write('record', async (sql) => {
      const settled = [...(await heedEdits(sql, records))];
      await writeSettlements(sql, settled);
      await releaseActive(sql, settled.filter((r) => isFinal(r.settlement.state)));
      return settled;
    });
  }

  async findOverdue(dueBefore: number, limit: number): Promise<string[]> {
    const rows = await this.database.read<{ execute_id: string }>(
      `SELECT execute_id FROM ecron_execution WHERE state = 'waiting' AND due_at < ?
         AND holder IN (SELECT '' UNION ALL SELECT node_id FROM ecron_node) ORDER BY due_at LIMIT ?`,
      [dueBefore, limit],
    );
    return rows.map((row) => row.execute_id);
  }

  async findRunning(nodeId: string): Promise<RunningRow[]> {
    const rows = await this.database.read<{ execute_id: string; epoch: number; cancel_at: number | null; cancel_reason: string }>(
      `SELECT execute_id, epoch, cancel_at, cancel_reason FROM ecron_execution WHERE state = 'running' AND holder = ?`,
      [nodeId],
    );
    return rows.map((row) => ({
      executeId: row.execute_id,
      epoch: row.epoch,
      cancelReason: row.cancel_at === null ? null : (row.cancel_reason as Reason),
    }));
  }

  async giveBack(rows: readonly RunningRow[], now: number): Promise<void> {
    await this.database.write('record', async (sql) => {
      for (const row of rows) {
        await sql.run(
          `UPDATE ecron_execution SET state = 'waiting', reason = 'node lost', attempt = attempt - 1, due_at = ?, holder = ''
           WHERE execute_id = ? AND state = 'running' AND epoch = ?`,
          [now, row.executeId, row.epoch],
        );
      }
    });
  }

  private async judgeAll(sql: Sql, rows: CandidateRow[], now: number): Promise<CandidateRow[]> {
    const runnable: CandidateRow[] = [];
    const ended: (string | number)[][] = [];
    for (const row of rows) {
      const verdict = judge(row, this.defaults, now);
      if (verdict.kind === 'may run') runnable.push(row);
      if (verdict.kind === 'end') ended.push([row.execute_id, verdict.state, verdict.reason, now]);
    }
    await endOrHoldBack(sql, ended);
    if (ended.length > 0) await releaseActive(sql, rows.map((r) => ({ jobId: r.job_id, executeId: r.execute_id })));
    return runnable;
  }
}

/** A count does not say which rows of a batch were won, so they are read back by the token. */
async function markRunning(sql: Sql, rows: readonly CandidateRow[], request: StartRequest): Promise<StartedRun[]> {
  const ids = inList(rows.map((row) => row.execute_id));
  const { nodeId, token, now } = request;
  await sql.run(START.replace('#', ids.marks), [nodeId, token, now, now, ...ids.values]);
  await writeVersions(sql, rows.filter((row) => row.stored_version !== null && row.stored_version !== row.job_version));
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

function toRun(row: CandidateRow, start: { epoch: number; attempt: number }, now: number): StartedRun {
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
    context: contextOf(row),
    policy: policyOf(row),
    attempts: toAttempts(row.attempts),
  };
}

interface Edited {
  execute_id: string;
  cancel_at: number | null;
  cancel_reason: Reason;
  job_version: number;
  trigger_kind: string;
  stored_enabled: number | null;
}

/** What is not over yet heeds what has happened to it and its job meanwhile: a cancel, a delete, a disable. */
async function heedEdits(sql: Sql, records: readonly RunRecord[]): Promise<readonly RunRecord[]> {
  const open = records.filter(({ settlement: { state } }) => !isFinal(state) || state === 'interrupted');
  if (open.length === 0) return records;
  const ids = inList(open.map((r) => r.executeId));
  const edits = await sql.all<Edited>(
    `SELECT e.execute_id, e.cancel_at, e.cancel_reason, e.job_version, e.trigger_kind, j.enabled AS stored_enabled
     FROM ecron_execution e LEFT JOIN ecron_job j ON j.job_id = e.job_id AND e.job_version > 0
     WHERE e.execute_id IN (${ids.marks})`,
    ids.values,
  );
  const byId = new Map(edits.map((edit) => [edit.execute_id, edit]));
  return records.map((record) => {
    const reason = whyEnded(record.settlement, byId.get(record.executeId));
    return reason === null ? record : { ...record, settlement: interrupted(record.settlement, reason) };
  });
}

function whyEnded({ state }: Settlement, edit: Edited | undefined): Reason | null {
  if (edit === undefined || (isFinal(state) && state !== 'interrupted')) return null;
  if (edit.cancel_at !== null) return edit.cancel_reason;
  if (state !== 'waiting') return null;
  if (edit.job_version > 0 && edit.stored_enabled === null) return 'job deleted';
  return edit.trigger_kind === 'schedule' && edit.stored_enabled === 0 ? 'job disabled' : null;
}

function interrupted(settlement: Settlement, reason: Reason): Settlement {
  return { ...settlement, state: 'interrupted', reason, endedAt: settlement.entry.ended_at, dueAt: null };
}

const RECORD_COLUMNS = [
  'execute_id', 'epoch', 'state', 'reason', 'attempt', 'max_attempts', 'ended_at', 'due_at', 'attempts', 'result',
  'error', 'holder',
] as const;

async function writeSettlements(sql: Sql, records: readonly RunRecord[]): Promise<void> {
  const rows = records.map(({ settlement: s, ...r }) => [
    r.executeId, r.epoch, s.state, s.reason, r.attempt, r.maxAttempts, s.endedAt, s.dueAt, JSON.stringify(r.attempts),
    s.result, s.error, '',
  ]);
  await updateByKey(sql, 'ecron_execution', RECORD_COLUMNS, rows, {
    guard: `t.state = 'running' AND t.epoch = v.epoch`,
    set: RECORD_COLUMNS.slice(2),
  });
}
