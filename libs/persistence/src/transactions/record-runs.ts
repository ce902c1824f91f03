import { isFinal, type Reason, type Settlement } from '@ecron/domain';
import { type RecordedState, type RunRecord } from '@ecron/execution';
import { inList, type Sql, updateByKey } from '../sql/sql.js';
import { releaseActive } from '../stores/active-rows.js';

export async function recordRuns(sql: Sql, records: readonly RunRecord[]): Promise<RecordedState[]> {
  const settled = await heedEdits(sql, records);
  const changed = await writeSettlements(sql, settled);
  await releaseActive(
    sql,
    settled.filter((r) => isFinal(r.settlement.state)),
  );
  const written = changed === settled.length ? settled : await findWritten(sql, settled);
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

async function writeSettlements(sql: Sql, records: readonly RunRecord[]): Promise<number> {
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
    set: RECORD_COLUMNS.slice(2),
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
