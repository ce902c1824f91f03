import { choice, flag, integer, type Kind, listenPort, text, timeZone, urlPath } from './kinds.js';

/** One configuration key. `fallback` is what holds when no source sets it; null leaves the choice to the process. */
export interface Key<T, F> {
  readonly group: Group;
  readonly kind: Kind<T>;
  readonly fallback: F;
  /** How the reference words the fallback where the value alone would not tell. */
  readonly fallbackText?: string;
  /** Markdown for the reference: meaning, special values, neighbours. */
  readonly doc: string;
}

export const GROUPS = ['Addresses', 'Jobs', 'Storage', 'Messages', 'Authentication', 'Process'] as const;
export type Group = (typeof GROUPS)[number];

function key<T, const F extends T | null>(spec: Key<T, F>): Key<T, F> {
  return spec;
}

/** Every key that does something, in the order of the reference. */
export const KEYS = {
  cron_addr: key({
    group: 'Addresses',
    kind: text,
    fallback: null,
    fallbackText: '127.0.0.1 in the standalone process, else 0.0.0.0',
    doc: 'Address on which the services listen. The standalone process runs without authentication unless told otherwise, so it listens to other machines only when this key says so.',
  }),
  cron_port: key({
    group: 'Addresses',
    kind: listenPort,
    fallback: 12_345,
    doc: 'Port of the management service (REST API, health) and of the standalone process.',
  }),
  anlys_port: key({
    group: 'Addresses',
    kind: listenPort,
    fallback: 32_346,
    doc: 'Port of the analysis service, which answers health only.',
  }),
  webhook: key({
    group: 'Addresses',
    kind: urlPath,
    fallback: '/api/ecron-management/v1/executionresult',
    doc: 'Path under which targets report the result of an asynchronous HTTP job; its execute id is appended. Targets receive it in the header `webhook`.',
  }),
  job_failures: key({
    group: 'Jobs',
    kind: integer(1, 1000),
    fallback: 3,
    doc: 'Attempts in all before an execution is abandoned, for jobs whose policy does not say. 1 means no retry.',
  }),
  time_zone: key({
    group: 'Jobs',
    kind: timeZone,
    fallback: null,
    fallbackText: 'the `TZ` variable of the process where it names a zone, else UTC',
    doc: 'Zone of jobs that name none. It is stored with each job when the job is saved, so a later change moves no existing job.',
  }),
  http_completion: key({
    group: 'Jobs',
    kind: choice('auto', 'response', 'callback'),
    fallback: 'auto',
    doc: 'What ends an HTTP execution whose job does not say. `auto`: 202 waits for the callback, any other 2xx ends it; `response`: any 2xx ends it; `callback`: every 2xx waits for the callback.',
  }),
  lang: key({
    group: 'Jobs',
    kind: choice('zh_CN', 'zh_TW', 'en_US'),
    fallback: 'zh_CN',
    doc: 'Language of the `message` in error answers; `cause` is always English.',
  }),
  db_type: key({
    group: 'Storage',
    kind: choice('sqlite', 'mysql'),
    fallback: null,
    fallbackText: '`mysql` where `db_addr` is set, else `sqlite`',
    doc: 'Where everything is kept. This version has SQLite only: with `db_addr` set, say `sqlite` here to go on without that database.',
  }),
  data_dir: key({
    group: 'Storage',
    kind: text,
    fallback: 'data',
    doc: 'Folder of the SQLite file and of what else is kept on disk; made when missing. Relative to the working directory. One process at a time may use it.',
  }),
  mq_connector_type: key({
    group: 'Messages',
    kind: choice('memory', 'nsq', 'kafka'),
    fallback: 'memory',
    doc: 'How the services wake one another. This version has `memory` only, which is inside one process: say so here where an older file names a broker.',
  }),
  auth_enabled: key({
    group: 'Authentication',
    kind: flag,
    fallback: null,
    fallbackText: 'false in the standalone process, else true',
    doc: 'Whether callers need a token. When off, every caller is the admin `mock-user-id` of client `mock-client-id`; each start says so.',
  }),
  oauth_admin_protocol: key({
    group: 'Authentication',
    kind: choice('http', 'https'),
    fallback: 'http',
    doc: 'Protocol of the admin API of the token server (Hydra 1 or 2).',
  }),
  oauth_admin_addr: key({
    group: 'Authentication',
    kind: text,
    fallback: '127.0.0.1',
    doc: 'Host of that admin API. While it cannot be reached, calls are refused with 503 and health is still answered.',
  }),
  oauth_admin_port: key({
    group: 'Authentication',
    kind: integer(1, 65_535),
    fallback: 4445,
    doc: 'Port of that admin API.',
  }),
  log_level: key({
    group: 'Process',
    kind: choice('debug', 'info', 'warn', 'error', 'silent'),
    fallback: 'info',
    doc: 'The least severe log lines that are written. Lines are JSON on standard output.',
  }),
  node_concurrency: key({
    group: 'Process',
    kind: integer(1, 100_000),
    fallback: 1000,
    doc: 'Executions that one node runs at a time. What does not fit waits, oldest first.',
  }),
  shutdown_grace_s: key({
    group: 'Process',
    kind: integer(0, 3600),
    fallback: 30,
    doc: 'How long a shutdown lets running attempts go on, in seconds, before it aborts them. 0 aborts at once.',
  }),
} as const;

export type KeyName = keyof typeof KEYS;
