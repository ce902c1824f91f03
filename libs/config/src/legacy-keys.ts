/**
 * Keys of older deployments that mean nothing here. They are accepted, whatever their value, and each gets
 * one notice that gives the reason below.
 */
const MYSQL = 'is used with MySQL only, which this version does not have';
const BROKER = 'is used with a message broker only, which this version does not have';
const NO_POLLING = 'has no effect: nothing is polled at this interval';

export const LEGACY_KEYS = {
  analysis_service_id: 'has no effect: each process makes its own node id',
  management_service_id: 'has no effect: each process makes its own node id',
  cron_protocol:
    'has no effect: the services call one another through the ledger and the queue, not over HTTP',
  multi_node: 'has no effect in this version: one process runs everything',
  ssl_on: 'has no effect: TLS towards callers belongs to a proxy in front',
  cert_file: 'has no effect: TLS towards callers belongs to a proxy in front',
  key_file: 'has no effect: TLS towards callers belongs to a proxy in front',
  db_addr: MYSQL,
  db_port: MYSQL,
  db_name: MYSQL,
  system_id: MYSQL,
  user_name: MYSQL,
  user_pwd: MYSQL,
  db_format: MYSQL,
  timeout: MYSQL,
  read_timeout: MYSQL,
  write_timeout: MYSQL,
  max_open_conns: MYSQL,
  mq_host: BROKER,
  mq_port: BROKER,
  mq_lookupd_host: BROKER,
  mq_lookupd_port: BROKER,
  mq_username: BROKER,
  mq_password: BROKER,
  mq_mechanism: BROKER,
  oauth_public_protocol: 'has no effect: only the admin API of the token server is called',
  oauth_public_addr: 'has no effect: only the admin API of the token server is called',
  oauth_public_port: 'has no effect: only the admin API of the token server is called',
  token_refresh_sleep: 'has no effect: the services hold no token of their own',
  analysis_load_sleep: NO_POLLING,
  analysis_refresh_sleep: NO_POLLING,
  job_status_refresh_sleep: NO_POLLING,
  msmq_client_op_sleep: NO_POLLING,
  db_client_ping_sleep: NO_POLLING,
  lost_immediate_job_sleep: NO_POLLING,
} as const satisfies Record<string, string>;

export type LegacyKeyName = keyof typeof LEGACY_KEYS;
