import { LegacySchedules, type PolicyDefaults } from '@ecron/domain';
import { type Database } from '../database.js';
import { type Sql } from '../sql/sql.js';
import { adoptJobs } from './adopt-jobs.js';
import { adoptStatuses } from './adopt-statuses.js';
import { beginAdoption, lockReport, saveReport } from './adoption-meta.js';
import { type AdoptionSource, emptyReport, type SourceReport } from './adoption-report.js';
import { findLegacyTables, lastLegacyKey, readLegacyRows } from './legacy-tables.js';

export interface AdoptionLog {
  info(text: string): void;
  warn(text: string): void;
}

export interface AdoptionOptions {
  /** IANA zone of the old process; adopted jobs keep it. */
  zone: string;
  /** Epoch milliseconds. Slots up to now are not made up for. */
  now: number;
  defaults: PolicyDefaults;
  log: AdoptionLog;
  /** Called after each batch is committed; what it throws ends the adoption, which the next one then continues. */
  progress?: (progress: AdoptionProgress) => void;
  /** Left out: 250 jobs, 1000 runs. */
  rowsPerBatch?: number;
}

export interface AdoptionProgress {
  source: AdoptionSource;
  /** Of `last`: the highest `f_key_id` there was at the beginning. */
  through: number;
  last: number;
}

/** What became of the old tables, over all runs; `rows` is how many this one has read. */
export interface AdoptionReport {
  rows: number;
  jobs: SourceReport;
  statuses: SourceReport;
}

/** A context can have 40 KB, and a statement at most 16 MB. */
const ROWS_PER_BATCH: Record<AdoptionSource, number> = { t_cron_job: 250, t_cron_job_status: 1000 };
const BATCHES_PER_LINE = 50;

/**
 * Takes over `t_cron_job` and `t_cron_job_status` where the database has them (else null): each row above the highest
 * key that an earlier run has seen becomes one of ours, or is listed with the reason. The old tables are only read. A batch is one
 * transaction with its mark, so a run that was cut is continued, one more changes nothing, and of two at a time one
 * waits for the other. What was edited or deleted here since stays so.
 */
export async function adoptLegacy(
  database: Pick<Database, 'read' | 'write'>,
  options: AdoptionOptions,
): Promise<AdoptionReport | null> {
  const read: Sql['all'] = (text, values) => database.read(text, values);
  const sources = await findLegacyTables(read);
  if (sources.length === 0) return null;
  const isFirst = await database.write('edit', (sql) => beginAdoption(sql, sources, options));
  if (isFirst) announce(options);
  const report: AdoptionReport = { rows: 0, jobs: emptyReport(), statuses: emptyReport() };
  const schedules = new LegacySchedules(options.zone, options.now);
  for (const source of sources) {
    const last = await lastLegacyKey(read, source);
    const adopted = await adoptTable(database, source, last, { ...options, schedules });
    report[source === 't_cron_job' ? 'jobs' : 'statuses'] = adopted.report;
    report.rows += adopted.rows;
    tell(source, adopted, options.log);
  }
  return report;
}

type Work = AdoptionOptions & { schedules: LegacySchedules };

interface Adopted {
  rows: number;
  report: SourceReport;
  /** What the report said before. */
  before: SourceReport;
}

async function adoptTable(
  database: Pick<Database, 'write'>,
  source: AdoptionSource,
  last: number,
  work: Work,
): Promise<Adopted> {
  let before: SourceReport | undefined;
  for (let rows = 0, batches = 1; ; batches++) {
    const batch = await database.write('edit', (sql) => adoptBatch(sql, source, work));
    before ??= batch.before;
    rows += batch.rows;
    if (batch.rows === 0) return { ...batch, rows, before };
    const { through } = batch.report;
    if (batches % BATCHES_PER_LINE === 0) work.log.info(`adopting ${source}: row ${through} of ${last}`);
    work.progress?.({ source, through, last });
  }
}

async function adoptBatch(sql: Sql, source: AdoptionSource, work: Work): Promise<Adopted> {
  const before = await lockReport(sql, source);
  const report = structuredClone(before);
  const rows = await adoptNext(sql, source, report, work);
  if (rows > 0) await saveReport(sql, source, report);
  return { rows, report, before };
}

async function adoptNext(
  sql: Sql,
  source: AdoptionSource,
  report: SourceReport,
  work: Work,
): Promise<number> {
  const limit = work.rowsPerBatch ?? ROWS_PER_BATCH[source];
  if (source === 't_cron_job') {
    const rows = await readLegacyRows(sql, source, report.through, limit);
    await adoptJobs(sql, rows, work, report);
    return passOver(rows, report);
  }
  const rows = await readLegacyRows(sql, source, report.through, limit);
  await adoptStatuses(sql, rows, work, report);
  return passOver(rows, report);
}

function passOver(rows: readonly { f_key_id: number }[], report: SourceReport): number {
  report.through = rows.at(-1)?.f_key_id ?? report.through;
  return rows.length;
}

function announce({ zone, log }: AdoptionOptions): void {
  log.warn(
    `found the tables of an ECron that this one replaces: its jobs are adopted, in the time zone ${zone}; ` +
      'from now on an HTTP run whose job does not say ends by its callback (http_completion is callback where it is not set)',
  );
}

function tell(source: AdoptionSource, { rows, report, before }: Adopted, log: AdoptionLog): void {
  if (rows === 0) return;
  const [adopted, refused] = [report.adopted - before.adopted, report.refused - before.refused];
  log.info(`adopted ${adopted} of ${rows} rows of ${source}${refused > 0 ? `, ${refused} stay behind` : ''}`);
  for (const { key_id, id, reason, detail } of report.refusals.slice(before.refusals.length)) {
    log.warn(`${source} row ${key_id} (${id}) stays behind: ${reason}: ${detail}`);
  }
  for (const { key_id, id, text } of report.notices.slice(before.notices.length)) {
    log.warn(`${source} row ${key_id} (${id}): ${text}`);
  }
}
