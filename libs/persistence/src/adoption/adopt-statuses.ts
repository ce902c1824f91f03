import {
  type AdoptedRun,
  adoptStatus,
  type JobOfRun,
  type LegacyStatusRow,
  type PolicyDefaults,
  refuseRow,
  type RefusedRow,
} from '@ecron/domain';
import { isSlotExecuteId } from '@ecron/scheduling';
import { insertIgnore, type Sql } from '../sql/sql.js';
import { EXECUTION_COLUMNS, executionValues } from '../stores/request-rows.js';
import { addNotices, addRefusal, type SourceReport } from './adoption-report.js';
import { findJobsOfRuns } from './jobs-of-runs.js';

const COLUMNS = [...EXECUTION_COLUMNS, 'epoch'] as const;

/** Adopts one batch of runs and notes in the report what became of each row. */
export async function adoptStatuses(
  sql: Sql,
  rows: readonly LegacyStatusRow[],
  { defaults, now }: { defaults: PolicyDefaults; now: number },
  report: SourceReport,
): Promise<void> {
  const jobs = await findJobsOfRuns(sql, rows, defaults);
  const runs = rows.flatMap((row) => mapRow(row, jobs.get(row.f_job_id ?? '') ?? null, now, report));
  const values = runs.map(({ execution }) => [...executionValues(execution), execution.epoch]);
  await insertIgnore(sql, 'ecron_execution', COLUMNS, values);
  await holdJobs(sql, runs);
  report.adopted += runs.length;
}

function mapRow(
  row: LegacyStatusRow,
  job: JobOfRun | null,
  now: number,
  report: SourceReport,
): AdoptedRun | [] {
  const result = refuseReserved(row) ?? adoptStatus(row, job, now);
  const key = { key_id: row.f_key_id, id: row.f_execute_id ?? '' };
  if (result.kind === 'refused') {
    addRefusal(report, key, result);
    return [];
  }
  addNotices(report, key, result.notices);
  return result;
}

function refuseReserved({ f_execute_id: id }: LegacyStatusRow): RefusedRow | null {
  return id !== null && isSlotExecuteId(id)
    ? refuseRow('reserved id', 'ids of this form are for slots')
    : null;
}

async function holdJobs(sql: Sql, runs: readonly AdoptedRun[]): Promise<void> {
  const holding = runs.filter(({ holdsJob }) => holdsJob).map(({ execution }) => execution);
  const values = holding.map(({ jobId, executeId }) => [jobId, executeId]);
  await insertIgnore(sql, 'ecron_job_active', ['job_id', 'execute_id'], values);
}
