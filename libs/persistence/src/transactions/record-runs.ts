import { isFinal, type Reason, type Settlement } from '@ecron/domain';
import { type RecordedState, type RunRecord } from '@ecron/execution';
import { releasePlaces } from '../caps/release-places.js';
import { JOBS, lockRows } from '../sql/row-locks.js';
import { inList, type Sql, updateByKey } from '../sql/sql.js';
import { lockActive, lockExecution, releaseActive } from '../stores/active-rows.js';
import { queueNotices } from '../stores/sql-webhook-notices.js';

export interface RecordOrder {
  records: readonly RunRecord[];
  /** Whether runs have places under caps. */
  isCapped: boolean;
}

export async function recordRuns(sql: Sql, { records, isCapped }: RecordOrder): Promise<RecordedState[]> {
  const settled = await heedEdits(sql, records);
  const ended = settled.filter((r) => isFinal(r.settlement.state));
  await lockActive(sql, ended);
  // An accepted run is under way still.
  if (isCapped)
    await releasePlaces(
      sql,
      settled.filter((r) => r.settlement.state !== 'accepted'),
    );
  const changed = await writeSettlements(sql, settled);
  await releaseActive(sql, ended);
  const written = changed === settled.length ? settled : await findWritten(sql, settled);
  await queueNotices(
    sql,
    written.filter((r) => r.settlement.endedAt !== null),
    ended[0]?.settlement.endedAt ?? 0,
  );
  return written.map(({ executeId, jobId, settlement: { state, endedAt } }) => ({
    executeId,
    jobId,
    state,
    endedAt,
  }));
}

interface Edited {
  execute_id: string;
  cancel_at: number | null;
  cancel_reason: Reason;
  /** Of a run that a caller has cancelled: what the caller said. */
  error: string;
  job_version: number;
  trigger_kind: string;
  stored_enabled: number | null;
}

/** What is not over yet heeds what has happened to it and its job meanwhile: a cancel, a delete, a disable. */
async function heedEdits(sql: Sql, records: readonly RunRecord[]): Promise<readonly RunRecord[]> {
  const open = records.filter(({ settlement: { state } }) => !isFinal(state) || state === 'interrupted');
  if (open.length === 0) return records;
  await lockRows(
    sql,
    JOBS,
    open.map((r) => r.jobId),
    'shared',
  );
  await lockJobless(sql, open);
  const ids = inList(open.map((r) => r.executeId));
  const edits = await sql.all<Edited>(
    `SELECT e.execute_id, e.cancel_at, e.cancel_reason, e.error, e.job_version, e.trigger_kind, j.enabled AS stored_enabled
     FROM ecron_execution e LEFT JOIN ecron_job j ON j.job_id = e.job_id AND e.job_version > 0
     WHERE e.execute_id IN (${ids.marks})`,
    ids.values,
  );
  const byId = new Map(edits.map((edit) => [edit.execute_id, edit]));
  return records.map((record) => {
    const edit = byId.get(record.executeId);
    const reason = whyEnded(record.settlement, edit);
    if (reason === null) return record;
    const note = reason === 'cancelled' ? (edit?.error ?? '') : '';
    return { ...record, settlement: interrupted(record.settlement, reason, note) };
  });
}

/** Whoever cancels a run locks its job first, which orders the two; where there is none the rows themselves do. */
async function lockJobless(sql: Sql, open: readonly RunRecord[]): Promise<void> {
  if (!sql.dialect.locksRows) return;
  const ids = inList(open.map((r) => r.executeId));
  const rows = await sql.all<{ execute_id: string }>(
    `SELECT execute_id FROM ecron_execution WHERE execute_id IN (${ids.marks}) AND job_version = 0 ORDER BY execute_id`,
    ids.values,
  );
  for (const row of rows) await lockExecution(sql, row.execute_id);
}

function whyEnded({ state }: Settlement, edit: Edited | undefined): Reason | null {
  if (edit === undefined || (isFinal(state) && state !== 'interrupted')) return null;
  if (edit.cancel_at !== null) return edit.cancel_reason;
  if (state !== 'waiting') return null;
  if (edit.job_version > 0 && edit.stored_enabled === null) return 'job deleted';
  return edit.trigger_kind === 'schedule' && edit.stored_enabled === 0 ? 'job disabled' : null;
}

function interrupted(settlement: Settlement, reason: Reason, note: string): Settlement {
  const error = note === '' ? settlement.error : note;
  return {
    ...settlement,
    state: 'interrupted',
    reason,
    endedAt: settlement.entry.ended_at,
    dueAt: null,
    error,
  };
}

const RECORD_COLUMNS = [
  'execute_id',
  'epoch',
  'state',
  'reason',
  'attempt',
  'max_attempts',
  'ended_at',
  'due_at',
  'attempts',
  'result',
  'error',
  'holder',
] as const;

/** Where there is nothing to say the row keeps its reason: a slot that ran late stays `misfire`. */
async function writeSettlements(sql: Sql, records: readonly RunRecord[]): Promise<number> {
  const plain = records.filter((r) => r.settlement.reason === '');
  const told = records.filter((r) => r.settlement.reason !== '');
  const all = RECORD_COLUMNS.slice(2);
  return (
    (await writeRows(
      sql,
      plain,
      all.filter((c) => c !== 'reason'),
    )) + (await writeRows(sql, told, all))
  );
}

function writeRows(sql: Sql, records: readonly RunRecord[], set: readonly string[]): Promise<number> {
  const rows = records.map(({ settlement: s, ...r }) => [
    r.executeId,
    r.epoch,
    s.state,
    s.reason,
    r.attempt,
    r.maxAttempts,
    s.endedAt,
    s.dueAt,
    JSON.stringify(r.attempts),
    s.result,
    s.error,
    '',
  ]);
  return updateByKey(sql, 'ecron_execution', RECORD_COLUMNS, rows, {
    guard: `t.state = 'running' AND t.epoch = v.epoch`,
    set,
  });
}

/** A count does not say which records were late; a row that shows this very attempt, so ended, is this record's. */
async function findWritten(sql: Sql, records: readonly RunRecord[]): Promise<RunRecord[]> {
  const ids = inList(records.map((r) => r.executeId));
  const rows = await sql.all<{ execute_id: string; epoch: number; state: string; attempts: string | null }>(
    `SELECT execute_id, epoch, state, attempts FROM ecron_execution WHERE execute_id IN (${ids.marks})`,
    ids.values,
  );
  const byId = new Map(rows.map((row) => [row.execute_id, row]));
  return records.filter(({ executeId, epoch, attempts, settlement }) => {
    const row = byId.get(executeId);
    return (
      row?.epoch === epoch && row.state === settlement.state && row.attempts === JSON.stringify(attempts)
    );
  });
}
