import { AUTH_KEYS } from './auth-keys.js';
import { CLIENT_TLS_KEYS } from './client-tls-keys.js';
import { COMMAND_KEYS } from './command-keys.js';
import { DATABASE_KEYS } from './database-keys.js';
import { key } from './key.js';
import { HTTP_KEYS } from './http-keys.js';
import { KUBERNETES_KEYS } from './kubernetes-keys.js';
import {
  absolutePath,
  choice,
  cidrList,
  flag,
  hostList,
  integer,
  listenPort,
  numberList,
  text,
  timeZone,
  urlPath,
} from './kinds.js';
import { NOTIFY_KEYS } from './notify-keys.js';
import { QUEUE_KEYS } from './queue-keys.js';
import { QUOTA_KEYS } from './quota-keys.js';
import { SECRET_KEYS } from './secret-keys.js';
import { SIGN_IN_KEYS } from './sign-in-keys.js';
import { TRACE_KEYS } from './trace-keys.js';

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
    doc: 'Port of the analysis service, which answers health and metrics only.',
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
    fallback: null,
    fallbackText: '`callback` in a deployment whose old data was adopted, else `auto`',
    doc: 'What ends an HTTP execution whose job does not say. `auto`: 202 waits for the callback, any other 2xx ends it; `response`: any 2xx ends it; `callback`: every 2xx waits for the callback.',
  }),
  http_host_connections: key({
    group: 'Jobs',
    kind: integer(1, 10_000),
    fallback: 512,
    doc: 'Connections that one node opens to one host and port of a target at a time. More runs wait for one to be free, and their time-out runs meanwhile: raise it where many runs of slow answers go to one host.',
  }),
  http_private_targets: key({
    group: 'Jobs',
    kind: choice('allow', 'deny'),
    fallback: 'allow',
    doc: 'Whether HTTP jobs may call loopback and private addresses (127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, ::1, fc00::/7 and their like). Deny it where those who write jobs must not reach the network that the service runs in. Refused whatever this says: link-local and metadata addresses, 0.0.0.0/8, multicast and reserved ranges, and the address and port of the database, the broker, the token server, the Kubernetes API and the services themselves.',
  }),
  http_allow_hosts: key({
    group: 'Jobs',
    kind: hostList,
    fallback: null,
    fallbackText: 'none',
    doc: 'Hosts that may be called at private addresses although `http_private_targets` is `deny`. `*.internal` stands for every name that ends in `.internal`.',
  }),
  http_allow_cidrs: key({
    group: 'Jobs',
    kind: cidrList,
    fallback: null,
    fallbackText: 'none',
    doc: 'Private ranges that may be called although `http_private_targets` is `deny`.',
  }),
  http_tls_ca_file: key({
    group: 'Jobs',
    kind: absolutePath,
    fallback: null,
    fallbackText: 'none',
    doc: 'A file of certificates in PEM that vouch for HTTPS targets of jobs, beside those that Node trusts anyway. Read at start. A job with certificates of its own (`info.tls.ca`) trusts those alone.',
  }),
  http_tls_verify: key({
    group: 'Jobs',
    kind: flag,
    fallback: true,
    doc: 'Whether certificates of HTTPS targets are verified. `false` turns it off for every job that brings no `info.tls.ca`, and lets anyone stand in for a target; each start says so. For one job: `info.tls.verify`.',
  }),
  tenant_concurrency: key({
    group: 'Jobs',
    kind: integer(0, 1_000_000),
    fallback: 0,
    doc: 'Executions of one tenant (client id) that may be under way at a time over all nodes: running, or accepted by their target until its callback comes. What does not fit waits with the reason `tenant cap`, the oldest first. 0: any number. A retry that waits for its time takes no place. Give it the same value on every node, as the two keys below.',
  }),
  tenant_concurrency_overrides: key({
    group: 'Jobs',
    kind: numberList(0, 1_000_000),
    fallback: null,
    fallbackText: 'none',
    doc: 'Tenants with a number of their own in place of `tenant_concurrency`, such as `billing=50, reports=0`. 0: any number.',
  }),
  host_concurrency: key({
    group: 'Jobs',
    kind: integer(0, 1_000_000),
    fallback: 0,
    doc: 'Executions that may be under way at a time towards one host (the name or address in the URL of an HTTP job, whatever its port; where a redirect leads is not counted), of all tenants and over all nodes. What does not fit waits with the reason `host cap`, tenants in turn and of each the oldest first. 0: any number.',
  }),
  lang: key({
    group: 'Jobs',
    kind: choice('zh_CN', 'zh_TW', 'en_US'),
    fallback: 'zh_CN',
    doc: 'Language of the `message` in error answers; `cause` is always English.',
  }),
  ...QUOTA_KEYS,
  ...HTTP_KEYS,
  ...COMMAND_KEYS,
  ...KUBERNETES_KEYS,
  ...NOTIFY_KEYS,
  ...DATABASE_KEYS,
  ...SECRET_KEYS,
  ...QUEUE_KEYS,
  ...CLIENT_TLS_KEYS,
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
  ...AUTH_KEYS,
  ...SIGN_IN_KEYS,
  ...TRACE_KEYS,
  log_level: key({
    group: 'Process',
    kind: choice('debug', 'info', 'warn', 'error', 'silent'),
    fallback: 'info',
    doc: 'The least severe log lines that are written. Lines are JSON on standard output. The signal `SIGUSR2` turns `debug` on in a running process, and off again; `PUT /log/level` sets any level. See [logs.md](logs.md).',
  }),
  metrics_token: key({
    group: 'Process',
    kind: text,
    fallback: null,
    fallbackText: 'none; anyone who reaches the port may read them',
    doc: 'What a scraper has to send as its bearer token to read `/metrics`, of both services. See [metrics.md](metrics.md).',
  }),
  node_name: key({
    group: 'Process',
    kind: text,
    fallback: null,
    fallbackText: 'the name of the host and the number of the process',
    doc: 'How this process is called in logs and in `GET /node`. A label only: each start makes an id of its own, so two may share a name.',
  }),
  multi_node: key({
    group: 'Process',
    kind: flag,
    fallback: false,
    doc: 'Says that several nodes of each service run side by side, and refuses to start where they could not: with SQLite, whose folder belongs to one process, and without a broker. It limits nothing: on a database server nodes share the work whatever it says, so replicas can be added without it.',
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
