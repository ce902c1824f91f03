import { type DstRule, type Execution, type TenantScope } from '@ecron/domain';
import { LedgerStore, type ScheduleVersion } from '@ecron/jobs';
import { type Database } from '../database.js';
import { type ExecutionRow, type JobVersionRow } from '../rows/index.js';
import { inScope, toExecution } from './mapping.js';

export class SqlLedgerStore extends LedgerStore {
  constructor(private readonly database: Database) {
    super();
  }

  async versions(scope: TenantScope, jobId: string, from: number, to: number): Promise<ScheduleVersion[]> {
    const tenant = inScope(scope, 'v');
    const rows = await this.database.browse<JobVersionRow>(
      `SELECT v.* FROM ecron_job_version v WHERE ${tenant.sql} AND v.job_id = ? AND v.valid_from < ?
       AND (v.valid_to IS NULL OR v.valid_to >= ?) ORDER BY v.version`,
      [...tenant.values, jobId, to, from],
    );
    return rows.map(toVersion);
  }

  /** A range that reaches into the window begins before it: the last row that does is the only candidate. */
  async slotRows(
    scope: TenantScope,
    jobId: string,
    from: number,
    to: number,
    limit: number,
  ): Promise<Execution[]> {
    const tenant = inScope(scope, 'e');
    const rows = await this.database.browse<ExecutionRow>(
      `SELECT e.* FROM ecron_execution e WHERE e.job_id = ? AND e.slot_at < ? AND e.slot_at >= COALESCE(
         (SELECT MAX(b.slot_at) FROM ecron_execution b WHERE b.job_id = ? AND b.slot_at < ?), ?)
       AND ${tenant.sql} ORDER BY e.slot_at LIMIT ?`,
      [jobId, to, jobId, from, from, ...tenant.values, limit + 1],
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
