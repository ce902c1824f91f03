import { adoptJob, type Job, type JobAdoption, type LegacyJobRow, refuseRow } from '@ecron/domain';
import { insertIgnore, type Sql } from '../sql/sql.js';
import { VERSION_COLUMNS, versionValues } from '../stores/job-rows.js';
import { JOB_COLUMNS, jobValues } from '../stores/mapping.js';
import { writeAdoptedWebhooks } from '../stores/sql-webhook-targets.js';
import { addNotices, addRefusal, type SourceReport } from './adoption-report.js';
import { findExisting } from './find-existing.js';

interface Candidate {
  key_id: number;
  job: Job;
  notices: string[];
}

/** Adopts one batch of jobs and notes in the report what became of each row. */
export async function adoptJobs(
  sql: Sql,
  rows: readonly LegacyJobRow[],
  adoption: JobAdoption,
  report: SourceReport,
): Promise<void> {
  const candidates = mapRows(rows, adoption, report);
  const fresh = await leaveOutKnown(sql, candidates, report);
  await insertIgnore(
    sql,
    'ecron_job',
    JOB_COLUMNS,
    fresh.map(({ job }) => jobValues(job)),
  );
  const stored = await leaveOutTaken(sql, fresh, report);
  const versions = stored.map(({ job }) => versionValues(job, adoption.now));
  await insertIgnore(sql, 'ecron_job_version', VERSION_COLUMNS, versions);
  await writeAdoptedWebhooks(
    sql,
    stored.map(({ job }) => job),
  );
  report.adopted += stored.length;
  for (const { key_id, job, notices } of stored) addNotices(report, { key_id, id: job.jobId }, notices);
}

function mapRows(rows: readonly LegacyJobRow[], adoption: JobAdoption, report: SourceReport): Candidate[] {
  return rows.flatMap((row) => {
    const result = adoptJob(row, adoption);
    if (result.kind === 'adopted') return { ...result, key_id: row.f_key_id };
    addRefusal(report, { key_id: row.f_key_id, id: row.f_job_id ?? '' }, result);
    return [];
  });
}

/** Versions outlive their job: one that was deleted here does not come back, whatever key its old row has. */
async function leaveOutKnown(sql: Sql, candidates: Candidate[], report: SourceReport): Promise<Candidate[]> {
  const ids = candidates.map(({ job }) => job.jobId);
  const known = await findExisting(sql, 'ecron_job_version', 'job_id', ids);
  report.known += known.size;
  return candidates.filter(({ job }) => !known.has(job.jobId));
}

/** The insert has passed over those whose name another job of the tenant has. */
async function leaveOutTaken(sql: Sql, fresh: Candidate[], report: SourceReport): Promise<Candidate[]> {
  const ids = fresh.map(({ job }) => job.jobId);
  const stored = await findExisting(sql, 'ecron_job', 'job_id', ids);
  const taken = refuseRow('name taken', 'another job of the tenant has this name');
  for (const { key_id, job } of fresh) {
    if (!stored.has(job.jobId)) addRefusal(report, { key_id, id: job.jobId }, taken);
  }
  return fresh.filter(({ job }) => stored.has(job.jobId));
}
