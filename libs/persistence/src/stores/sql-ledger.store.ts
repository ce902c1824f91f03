import { type DstRule, type Execution } from '@ecron/domain';
import { LedgerStore, type ScheduleVersion } from '@ecron/jobs';
import { type Database } from '../database.js';
import { type ExecutionRow, type JobVersionRow } from '../rows/index.js';
import { toExecution } from './mapping.js';

export class SqlLedgerStore extends LedgerStore {
  constructor(private readonly database: Database) {
    super();
  }

  async versions(jobId: string, from: number, to: number): Promise<ScheduleVersion[]> {
    const rows = await this.database.browse<JobVersionRow>(
      `SELECT * FROM ecron_job_version WHERE job_id = ? AND valid_from < ? AND (valid_to IS NULL OR valid_to >= ?)
       ORDER BY version`,
      [jobId, to, from],
    );
    return rows.map(toVersion);
  }

  /** A range that reaches into the window begins before it: the last row that does is the only candidate. */
  async slotRows(jobId: string, from: number, to: number, limit: number): Promise<Execution[]> {
    const rows = await this.database.browse<ExecutionRow>(
      `SELECT * FROM ecron_execution WHERE job_id = ? AND slot_at < ? AND slot_at >= COALESCE(
         (SELECT MAX(slot_at) FROM ecron_execution WHERE job_id = ? AND slot_at < ?), ?)
       ORDER BY slot_at LIMIT ?`,
      [jobId, to, jobId, from, from, limit + 1],
    );
    return rows
      .map(toExecution)
      .filter((row) => (row.slotTo ?? row.slotAt ?? 0) >= from)
      .slice(0, limit);
  }
}

function toVersion(row: JobVersionRow): ScheduleVersion {
  return {
    version: row.version,
    schedule: row.schedule,
    timeZone: row.time_zone,
    dst: row.dst as DstRule,
    beginAt: row.begin_at,
    endAt: row.end_at,
    enabled: row.enabled === 1,
    anchorAt: row.anchor_at,
    validFrom: row.valid_from,
    validTo: row.valid_to,
  };
}
