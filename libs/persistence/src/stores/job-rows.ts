import { type Job, type PlannedRow, type PolicyDefaults } from '@ecron/domain';
import { resolvePolicy, START_AHEAD_MS } from '@ecron/domain';
import { ACTIVE, EXECUTIONS, lockRows, writeWhere } from '../sql/row-locks.js';
import { inList, insertIgnore, type Sql, type SqlValue } from '../sql/sql.js';
import { insertSlots, slotRow } from './slot-rows.js';
import { queueInterrupted } from './sql-webhook-notices.js';

export const VERSION_COLUMNS = [
  'job_id',
  'version',
  'tenant_id',
  'schedule',
  'time_zone',
  'dst',
  'begin_at',
  'end_at',
  'enabled',
  'anchor_at',
  'valid_from',
  'valid_to',
] as const;

/** In the order of {@link VERSION_COLUMNS}: the version that holds from `validFrom`. */
export function versionValues(job: Job, validFrom: number): SqlValue[] {
  return [
    job.jobId,
    job.version,
    job.tenantId,
    job.schedule,
    job.timeZone,
    job.policy.dst ?? 'default',
    job.beginAt,
    job.endAt,
    job.enabled ? 1 : 0,
    job.anchorAt,
    validFrom,
    null,
  ];
}

/** Begins a version of the job's schedule, and ends the one before. */
export async function writeVersion(sql: Sql, job: Job, now: number): Promise<void> {
  await endVersion(sql, job.jobId, now);
  await insertIgnore(sql, 'ecron_job_version', VERSION_COLUMNS, [versionValues(job, now)]);
}

export async function endVersion(sql: Sql, jobId: string, now: number): Promise<void> {
  await sql.run('UPDATE ecron_job_version SET valid_to = ? WHERE job_id = ? AND valid_to IS NULL', [
    now,
    jobId,
  ]);
}

/** Writes the fates of slots that had come due before an edit. */
export async function writeSettled(
  sql: Sql,
  job: Job,
  settled: readonly PlannedRow[],
  by: { secret: string; defaults: PolicyDefaults; now: number },
): Promise<void> {
  if (settled.length === 0) return;
  const { maxAttempts } = resolvePolicy(job.policy, job.context.mode, by.defaults).retry;
  const owner = { ...job, maxAttempts };
  await insertSlots(
    sql,
    settled.map((planned) => slotRow(owner, planned, by.secret)),
    by.now,
  );
}

/** Rows of slots that are still ahead and have never started: the new definition decides anew. */
export async function deleteAhead(sql: Sql, jobId: string, now: number): Promise<void> {
  const where = `job_id = ? AND slot_at > ? AND state = 'waiting' AND epoch = 0`;
  await writeWhere(sql, { ...EXECUTIONS, where, values: [jobId, now] }, 'delete');
}

/** The clock of the node that started a run may be ahead of that of the one that edits its job. */
const LOOK_BEYOND_MS = 1_000;

/**
 * Until when runs of these jobs stand started whose slots are still ahead; null: there are none. Their requests are as
 * good as sent, so an edit that is to be true of those slots too comes after them.
 */
export async function findStartedAhead(
  sql: Sql,
  jobIds: readonly string[],
  now: number,
): Promise<number | null> {
  const jobs = inList(jobIds);
  const [row] = await sql.all<{ last: number | null }>(
    `SELECT MAX(slot_at) AS last FROM ecron_execution
     WHERE job_id IN (${jobs.marks}) AND slot_at > ? AND slot_at <= ? AND state = 'running'`,
    [...jobs.values, now, now + START_AHEAD_MS + LOOK_BEYOND_MS],
  );
  return row?.last ?? null;
}

/** Ends what waits of a disabled job's slots, retries included; requests go on. */
export async function interruptSlots(sql: Sql, jobId: string, now: number): Promise<void> {
  await interrupt(sql, jobId, `state = 'waiting' AND trigger_kind = 'schedule'`, 'job disabled', now);
}

/** Ends what waits or is accepted of a deleted job, and marks what runs to be cancelled. */
export async function interruptAll(sql: Sql, jobId: string, now: number): Promise<void> {
  await interrupt(sql, jobId, `state IN ('waiting', 'accepted')`, 'job deleted', now);
  const where = `job_id = ? AND job_version > 0 AND state = 'running' AND cancel_at IS NULL`;
  const set = `cancel_at = ?, cancel_reason = 'job deleted'`;
  await writeWhere(sql, { ...EXECUTIONS, where, values: [jobId] }, { set, values: [now] });
}

async function interrupt(sql: Sql, jobId: string, which: string, reason: string, now: number): Promise<void> {
  await lockRows(sql, ACTIVE, [jobId], 'exclusive');
  const where = `job_id = ? AND job_version > 0 AND ${which}`;
  const set = `state = 'interrupted', reason = ?, ended_at = ?, due_at = NULL, holder = ''`;
  await writeWhere(sql, { ...EXECUTIONS, where, values: [jobId] }, { set, values: [reason, now] });
  await sql.run(
    `DELETE FROM ecron_job_active WHERE job_id = ? AND NOT EXISTS (SELECT 1 FROM ecron_execution e
       WHERE e.execute_id = ecron_job_active.execute_id AND e.state IN ('waiting', 'running', 'accepted'))`,
    [jobId],
  );
  await queueInterrupted(sql, jobId, now);
}
