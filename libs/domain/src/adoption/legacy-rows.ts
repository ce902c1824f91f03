/** A number as the driver hands it out: 64-bit ones can come as text. */
type LegacyNumber = number | string | null;

/** A row of `t_cron_job`, the job table of the service that this one replaces. Times are Unix seconds. */
export interface LegacyJobRow {
  f_key_id: number;
  f_job_id: string | null;
  f_job_name: string | null;
  f_job_cron_time: string | null;
  f_job_type: LegacyNumber;
  f_job_context: string | null;
  f_tenant_id: string | null;
  f_enabled: LegacyNumber;
  f_remarks: string | null;
  f_create_time: LegacyNumber;
  f_update_time: LegacyNumber;
}

/** A row of `t_cron_job_status`: one run. */
export interface LegacyStatusRow {
  f_key_id: number;
  f_execute_id: string | null;
  f_job_id: string | null;
  f_job_type: LegacyNumber;
  f_job_name: string | null;
  f_job_status: LegacyNumber;
  f_begin_time: LegacyNumber;
  f_end_time: LegacyNumber;
  f_executor: string | null;
  f_execute_times: LegacyNumber;
  f_ext_info: string | null;
}

/** Why a row stays behind. */
export type AdoptionRefusal =
  | 'no id'
  | 'reserved id'
  | 'no name'
  | 'name taken'
  | 'too long'
  | 'unknown type'
  | 'unknown mode'
  | 'unknown status'
  | 'bad context'
  | 'bad schedule'
  | 'marked deleted';

/** `detail` is for people; it never repeats a value, which could hold a secret. */
export interface RefusedRow {
  kind: 'refused';
  reason: AdoptionRefusal;
  detail: string;
}

export const refuseRow = (reason: AdoptionRefusal, detail: string): RefusedRow => ({
  kind: 'refused',
  reason,
  detail,
});
