import { type LegacyJobRow, type LegacyStatusRow } from '@ecron/domain';
import { type Sql } from '../sql/sql.js';
import { ADOPTION_SOURCES, type AdoptionSource } from './adoption-report.js';

interface Rows {
  t_cron_job: LegacyJobRow;
  t_cron_job_status: LegacyStatusRow;
}

const COLUMNS: { [S in AdoptionSource]: readonly (keyof Rows[S])[] } = {
  t_cron_job: [
    'f_key_id',
    'f_job_id',
    'f_job_name',
    'f_job_cron_time',
    'f_job_type',
    'f_job_context',
    'f_tenant_id',
    'f_enabled',
    'f_remarks',
    'f_create_time',
    'f_update_time',
  ],
  t_cron_job_status: [
    'f_key_id',
    'f_execute_id',
    'f_job_id',
    'f_job_type',
    'f_job_name',
    'f_job_status',
    'f_begin_time',
    'f_end_time',
    'f_executor',
    'f_execute_times',
    'f_ext_info',
  ],
};

/** The old tables that the database has; they are only ever read. */
export async function findLegacyTables(read: Sql['all']): Promise<AdoptionSource[]> {
  const found = await read<{ name: string }>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ('t_cron_job', 't_cron_job_status')`,
  );
  return ADOPTION_SOURCES.filter((source) => found.some(({ name }) => name === source));
}

/** The next rows behind a key, in the order of keys. */
export async function readLegacyRows<S extends AdoptionSource>(
  sql: Sql,
  source: S,
  after: number,
  limit: number,
): Promise<Rows[S][]> {
  const rows = await sql.all<Rows[S]>(
    `SELECT ${COLUMNS[source].join(', ')} FROM ${source} WHERE f_key_id > ? ORDER BY f_key_id LIMIT ?`,
    [after, limit],
  );
  return rows.map((row) => ({ ...row, f_key_id: Number(row.f_key_id) }));
}

export async function lastLegacyKey(read: Sql['all'], source: AdoptionSource): Promise<number> {
  const [row] = await read<{ last: number | string | null }>(`SELECT MAX(f_key_id) AS last FROM ${source}`);
  return Number(row?.last ?? 0);
}
