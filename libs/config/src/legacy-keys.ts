/**
 * Keys of older deployments that mean nothing here. They are accepted, whatever their value, and a notice
 * gives the reason below.
 */
const NO_POLLING = 'nothing is polled at this interval';

export const LEGACY_KEYS = {
  analysis_service_id: 'each process makes its own node id',
  management_service_id: 'each process makes its own node id',
  cron_protocol: 'the services call one another through the ledger and the queue, not over HTTP',
  db_format: 'tables and connections use utf8mb4',
  token_refresh_sleep: 'the services hold no token of their own',
  analysis_load_sleep: NO_POLLING,
  analysis_refresh_sleep: NO_POLLING,
  job_status_refresh_sleep: NO_POLLING,
  msmq_client_op_sleep: NO_POLLING,
  db_client_ping_sleep: NO_POLLING,
  lost_immediate_job_sleep: NO_POLLING,
} as const satisfies Record<string, string>;

export type LegacyKeyName = keyof typeof LEGACY_KEYS;
