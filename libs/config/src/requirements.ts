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
];

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
