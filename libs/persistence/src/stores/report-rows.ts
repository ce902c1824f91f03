import {
  type Actor,
  type Attempt,
  type AuditEntry,
  blankExecution,
  type Execution,
  isFinal,
  type PolicyDefaults,
  resolvePolicy,
  type TenantScope,
} from '@ecron/domain';
import { type StatusReport } from '@ecron/jobs';
import { type ExecutionRow, type JobRow } from '../rows/index.js';
import { EXECUTIONS, lockRows } from '../sql/row-locks.js';
import { inList, type Sql } from '../sql/sql.js';
import { executionEntry, stateOf as hashedState } from './audit-rows.js';
import { inScope, toExecution, toPolicy } from './mapping.js';
import { insertExecution } from './request-rows.js';

export interface Reporter {
  scope: TenantScope;
  tenantId: string;
  now: number;
  defaults: PolicyDefaults;
  by: Actor;
}

/** Refused: it, or its job, is not the reporter's, or it is a run of our own. An entry: what was changed, for the record. */
export type Reported = 'refused' | 'unchanged' | AuditEntry;

/** Upserts one reported execution. */
export async function reportOne(sql: Sql, reporter: Reporter, item: StatusReport): Promise<Reported> {
  const row = await findRow(sql, reporter, item.executeId);
  const job = await findJob(sql, reporter, item.jobId);
  if (job === undefined && (await isForeign(sql, item.jobId))) return 'refused';
  if (row !== undefined) return updateReported(sql, reporter, item, row, job);
  const reported = toReported(reporter, item, job);
  if (await insertExecution(sql, reported)) return entryOf(reporter, null, reported);
  // It may have been reported to another node just now.
  const stored = await findRow(sql, reporter, item.executeId);
  return stored === undefined ? 'refused' : updateReported(sql, reporter, item, stored, job);
}

async function findRow(sql: Sql, { scope }: Reporter, executeId: string): Promise<ExecutionRow | undefined> {
  const tenant = inScope(scope, 'e');
  const [row] = await sql.all<ExecutionRow>(
    `SELECT e.* FROM ecron_execution e WHERE e.execute_id = ? AND ${tenant.sql}`,
    [executeId, ...tenant.values],
  );
  return row;
}

async function findJob(sql: Sql, { scope }: Reporter, jobId: string): Promise<JobRow | undefined> {
  const tenant = inScope(scope, 'j');
  const [row] = await sql.all<JobRow>(`SELECT j.* FROM ecron_job j WHERE j.job_id = ? AND ${tenant.sql}`, [
    jobId,
    ...tenant.values,
  ]);
  return row;
}

/** Of a job that is none of the reporter's: runs of jobs that nobody knows are taken, those of another tenant's are not. */
async function isForeign(sql: Sql, jobId: string): Promise<boolean> {
  return (await sql.all('SELECT 1 FROM ecron_job WHERE job_id = ?', [jobId])).length > 0;
}

/** Locks of what is reported the rows that there are. */
export async function lockReported(
  sql: Sql,
  scope: TenantScope,
  items: readonly StatusReport[],
): Promise<void> {
  if (!sql.dialect.locksRows) return;
  const [ids, tenant] = [inList(items.map((item) => item.executeId)), inScope(scope, 'e')];
  const rows = await sql.all<{ execute_id: string }>(
    `SELECT e.execute_id FROM ecron_execution e WHERE e.execute_id IN (${ids.marks}) AND ${tenant.sql}`,
    [...ids.values, ...tenant.values],
  );
  const own = rows.map((row) => row.execute_id);
  await lockRows(sql, EXECUTIONS, own, 'exclusive');
}

async function updateReported(
  sql: Sql,
  reporter: Reporter,
  item: StatusReport,
  row: ExecutionRow,
  job: JobRow | undefined,
): Promise<Reported> {
  if (row.trigger_kind !== 'external') return 'refused';
  const known = toExecution(row);
  if (isFinal(known.state)) return 'unchanged';
  const { state, endedAt, dueAt, attempt, attempts, result } = stateOf(
    reporter,
    item,
    known.attempts,
    ownJob(row, job),
  );
  await sql.run(
    `UPDATE ecron_execution SET state = ?, ended_at = ?, due_at = ?, attempt = ?, attempts = ?, result = COALESCE(?, result)
     WHERE execute_id = ? AND state = 'accepted'`,
    [state, endedAt, dueAt, attempt, JSON.stringify(attempts), result, item.executeId],
  );
  return entryOf(reporter, known, { ...known, state, result: result ?? known.result });
}

/** What of an execution a further report can change. */
const REPORTED = ['state', 'result'] as const;

function entryOf({ by }: Reporter, before: Execution | null, after: Execution): AuditEntry {
  return executionEntry(by, 'execution.report', after, {
    before: before && hashedState(before),
    after: hashedState(after),
    fields: before === null ? [] : REPORTED.filter((name) => before[name] !== after[name]),
    result: after.state,
  });
}

/** The job that the row was first reported for, whatever a later report names. */
const ownJob = (row: ExecutionRow, job: JobRow | undefined): JobRow | undefined =>
  job?.job_id === row.job_id && row.job_version > 0 ? job : undefined;

function toReported(reporter: Reporter, item: StatusReport, job: JobRow | undefined): Execution {
  const beginAt = item.beginAt ?? reporter.now;
  return {
    executeId: item.executeId,
    jobId: item.jobId,
    jobVersion: job?.version ?? 0,
    tenantId: job?.tenant_id ?? reporter.tenantId,
    jobName: item.jobName,
    jobType: item.jobType,
    ...blankExecution(beginAt),
    trigger: 'external',
    maxAttempts: 0,
    queuedAt: reporter.now,
    begunAt: beginAt,
    startedAt: beginAt,
    ...stateOf(reporter, item, [], job),
  };
}

/** What is still executing must be heard of again before its deadline. */
function stateOf(
  reporter: Reporter,
  item: StatusReport,
  known: Attempt[],
  job?: JobRow,
): Pick<Execution, 'state' | 'endedAt' | 'dueAt' | 'attempt' | 'attempts' | 'result'> {
  const isOpen = item.state === 'accepted';
  const { callbackTimeoutMs } = resolvePolicy(toPolicy(job?.policy ?? '{}'), 'http', reporter.defaults);
  return {
    state: item.state,
    endedAt: isOpen ? null : (item.endAt ?? reporter.now),
    dueAt: isOpen ? reporter.now + callbackTimeoutMs : null,
    attempt: item.executeTimes,
    attempts: item.executor.length > 0 ? toEntries(item) : known,
    result: item.result,
  };
}

function toEntries(item: StatusReport): Attempt[] {
  return item.executor.map(({ executor_id, executed_at }, n) => {
    const at = Date.parse(executed_at) || 0;
    const isLast = n === item.executor.length - 1;
    const outcome = !isLast ? 'failed' : item.state === 'succeeded' ? 'succeeded' : 'accepted';
    return { attempt: n + 1, node_id: executor_id, started_at: at, ended_at: item.endAt ?? at, outcome };
  });
}
