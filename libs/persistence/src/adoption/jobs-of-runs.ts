import {
  type JobOfRun,
  type JobType,
  type LegacyStatusRow,
  type PolicyDefaults,
  resolvePolicy,
} from '@ecron/domain';
import { type JobRow } from '../rows/index.js';
import { inList, type Sql } from '../sql/sql.js';
import { toPolicy } from '../stores/mapping.js';

type Found = Pick<JobRow, 'job_id' | 'tenant_id' | 'name' | 'type' | 'mode' | 'policy'>;

/** The jobs that a batch of runs belongs to, as they stand; of those deleted here the tenant is still known. */
export async function findJobsOfRuns(
  sql: Sql,
  rows: readonly LegacyStatusRow[],
  defaults: PolicyDefaults,
): Promise<Map<string, JobOfRun>> {
  const ids = [...new Set(rows.flatMap(({ f_job_id }) => f_job_id || []))];
  if (ids.length === 0) return new Map();
  const list = inList(ids);
  const gone = await sql.all<{ job_id: string; tenant_id: string }>(
    `SELECT job_id, MIN(tenant_id) AS tenant_id FROM ecron_job_version WHERE job_id IN (${list.marks}) GROUP BY job_id`,
    list.values,
  );
  const stored = await sql.all<Found>(
    `SELECT job_id, tenant_id, name, type, mode, policy FROM ecron_job WHERE job_id IN (${list.marks})`,
    list.values,
  );
  return new Map([
    ...gone.map((row) => [row.job_id, deletedJob(row.tenant_id)] as const),
    ...stored.map((row) => [row.job_id, storedJob(row, defaults)] as const),
  ]);
}

const deletedJob = (tenantId: string): JobOfRun => ({
  isStored: false,
  tenantId,
  name: '',
  type: '',
  mode: 'http',
  callbackTimeoutMs: 0,
});

function storedJob(row: Found, defaults: PolicyDefaults): JobOfRun {
  const mode = row.mode;
  const { callbackTimeoutMs } = resolvePolicy(toPolicy(row.policy), mode, defaults);
  return {
    isStored: true,
    tenantId: row.tenant_id,
    name: row.name,
    type: row.type as JobType,
    mode,
    callbackTimeoutMs,
  };
}
