import {
  type Attempt,
  blankExecution,
  type Execution,
  isFinal,
  type PolicyDefaults,
  resolvePolicy,
  type TenantScope,
} from '@ecron/domain';
import { type StatusReport } from '@ecron/jobs';
import { type ExecutionRow, type JobRow } from '../rows/index.js';
import { type Sql } from '../sql/sql.js';
import { toExecution, toPolicy } from './mapping.js';
import { insertExecution } from './request-rows.js';

export interface Reporter {
  scope: TenantScope;
  tenantId: string;
  now: number;
  defaults: PolicyDefaults;
}

/** Upserts one reported execution. False: it, or its job, is not the reporter's, or it is a run of our own. */
export async function reportOne(sql: Sql, reporter: Reporter, item: StatusReport): Promise<boolean> {
  const row = await findRow(sql, item.executeId);
  const [job] = await sql.all<JobRow>('SELECT * FROM ecron_job WHERE job_id = ?', [item.jobId]);
  if (row !== undefined) return updateReported(sql, reporter, item, row, job);
  if (job !== undefined && !owns(reporter, job.tenant_id)) return false;
  if (await insertExecution(sql, toReported(reporter, item, job))) return true;
  // It may have been reported to another node just now.
  const stored = await findRow(sql, item.executeId);
  return stored !== undefined && updateReported(sql, reporter, item, stored, job);
}

async function findRow(sql: Sql, executeId: string): Promise<ExecutionRow | undefined> {
  const [row] = await sql.all<ExecutionRow>('SELECT * FROM ecron_execution WHERE execute_id = ?', [
    executeId,
  ]);
  return row;
}

const owns = ({ scope }: Reporter, tenantId: string): boolean =>
  !('tenantId' in scope) || scope.tenantId === tenantId;

async function updateReported(
  sql: Sql,
  reporter: Reporter,
  item: StatusReport,
  row: ExecutionRow,
  job: JobRow | undefined,
): Promise<boolean> {
  if (row.trigger_kind !== 'external' || !owns(reporter, row.tenant_id)) return false;
  const known = toExecution(row);
  if (isFinal(known.state)) return true;
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
  return true;
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
