import { isIP } from 'node:net';
import { type Problem } from './config-error.js';
import { type Setting } from './sources.js';

type Settings = ReadonlyMap<string, Setting>;
/** By key, as read; undefined where the value breaks its rule, which is reported elsewhere. */
export type Values = ReadonlyMap<string, unknown>;

export function dbTypeOf(values: Values): 'sqlite' | 'mysql' {
  const type = values.get('db_type') as 'sqlite' | 'mysql' | null | undefined;
  return type ?? (values.get('db_addr') === null ? 'sqlite' : 'mysql');
}

/** One value that asks for another key. */
interface Requirement {
  readonly of: string;
  readonly isUnmet: (values: Values) => boolean;
  readonly rule: string;
}

const REQUIREMENTS: readonly Requirement[] = [
  {
    of: 'db_type',
    isUnmet: (values) => dbTypeOf(values) === 'mysql' && isMissing(values, 'db_addr'),
    rule: 'asks for a database server: db_addr must be set',
  },
  {
    of: 'db_addr',
    isUnmet: (values) =>
      dbTypeOf(values) === 'mysql' && !isMissing(values, 'db_addr') && isMissing(values, 'user_name'),
    rule: 'asks for a database server: user_name must be set',
  },
  {
    of: 'mq_connector_type',
    isUnmet: (values) =>
      values.get('mq_connector_type') === 'nsq' &&
      isMissing(values, 'mq_host') &&
      isMissing(values, 'mq_lookupd_host'),
    rule: 'asks for NSQ: mq_host or mq_lookupd_host must be set',
  },
  {
    of: 'mq_connector_type',
    isUnmet: (values) => values.get('mq_connector_type') === 'kafka' && isMissing(values, 'mq_host'),
    rule: 'asks for Kafka: mq_host must be set',
  },
  {
    of: 'mq_username',
    isUnmet: (values) =>
      values.get('mq_connector_type') === 'kafka' &&
      !isMissing(values, 'mq_username') &&
      isMissing(values, 'mq_password'),
    rule: 'asks for authentication: mq_password must be set',
  },
  {
    of: 'multi_node',
    isUnmet: (values) => values.get('multi_node') === true && dbTypeOf(values) === 'sqlite',
    rule: 'asks for several nodes: they need a database server (db_addr), the folder of SQLite belongs to one process',
  },
  {
    of: 'multi_node',
    isUnmet: (values) =>
      values.get('multi_node') === true &&
      dbTypeOf(values) === 'mysql' &&
      values.get('mq_connector_type') === 'memory',
    rule: 'asks for several nodes: they need a broker (mq_connector_type nsq or kafka)',
  },
  {
    of: 'ssl_on',
    isUnmet: (values) =>
      values.get('ssl_on') === true && (isMissing(values, 'cert_file') || isMissing(values, 'key_file')),
    rule: 'asks for TLS: cert_file and key_file must be set',
  },
  {
    of: 'oauth_client_id',
    isUnmet: (values) => !isMissing(values, 'oauth_client_id') && isMissing(values, 'oauth_redirect_url'),
    rule: 'asks for signing in with a browser: oauth_redirect_url must be set',
  },
  {
    of: 'oauth_client_secret_file',
    isUnmet: (values) =>
      !isMissing(values, 'oauth_client_secret') && !isMissing(values, 'oauth_client_secret_file'),
    rule: 'stands in place of oauth_client_secret: only one of them may be set',
  },
  {
    of: 'secret_key_file',
    isUnmet: (values) => !isMissing(values, 'secret_key') && !isMissing(values, 'secret_key_file'),
    rule: 'stands in place of secret_key: only one of them may be set',
  },
  {
    of: 'db_tls',
    isUnmet: (values) => values.get('db_tls') === true && isIP(String(values.get('db_addr'))) !== 0,
    rule: 'asks for TLS: db_addr must be the name that the certificate of the server is for',
  },
  {
    of: 'mq_tls',
    isUnmet: (values) => values.get('mq_tls') === true && values.get('mq_connector_type') === 'nsq',
    rule: 'is for Kafka: NSQ is spoken to without TLS',
  },
  ...['db', 'mq'].flatMap((whose) => [
    needsOther(`${whose}_tls_cert_file`, `${whose}_tls_key_file`),
    needsOther(`${whose}_tls_key_file`, `${whose}_tls_cert_file`),
    ...['ca', 'cert', 'key'].map((file) => needsTls(`${whose}_tls_${file}_file`, `${whose}_tls`)),
  ]),
];

/** Of a certificate and its key neither is of use alone. */
function needsOther(of: string, other: string): Requirement {
  const isUnmet = (values: Values): boolean => !isMissing(values, of) && isMissing(values, other);
  return { of, isUnmet, rule: `is of no use without ${other}` };
}

/** Whoever names such a file takes it for granted that nothing goes over the network in clear. */
function needsTls(of: string, flag: string): Requirement {
  const isUnmet = (values: Values): boolean => !isMissing(values, of) && values.get(flag) === false;
  return { of, isUnmet, rule: `asks for TLS: ${flag} must be true` };
}

function isMissing(values: Values, name: string): boolean {
  return values.get(name) === null;
}

/** What is asked for without what it needs. */
export function unmetRequirements(inForce: Settings, values: Values): Problem[] {
  return REQUIREMENTS.flatMap(({ of, isUnmet, rule }) => {
    const setting = inForce.get(of);
    if (setting === undefined || !isUnmet(values)) return [];
    return [{ key: setting.spelled, source: setting.source, rule }];
  });
}
