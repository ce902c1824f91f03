import { type Config } from '@ecron/config';
import { type PolicyDefaults } from '@ecron/domain';
import { type Transport } from '@ecron/messaging';
import { type NodeClock } from '@ecron/nodes';
import { createLogger, LogLevel, Metrics } from '@ecron/observability';
import {
  type AdoptionLog,
  type AesSealer,
  type Database,
  executionSecret,
  storedCompletion,
  takeCensus,
} from '@ecron/persistence';
import { openMysqlStorage } from './open-mysql-storage.js';
import { openSqliteStorage } from './open-sqlite-storage.js';
import { openTransport } from './open-transport.js';
import { openSealer } from './open-sealer.js';
import { policyDefaults } from './policy-defaults.js';
import { type Storage } from './storage.js';
import { VERSION } from './version.js';

/** What all parts of a process stand on; opened before any of them, closed after all of them. */
export interface Platform {
  config: Config;
  defaults: PolicyDefaults;
  database: Database;
  secret: string;
  /** What secrets are stored under. */
  sealer: AesSealer;
  clock: NodeClock;
  transport: Transport;
  metrics: Metrics;
  logLevel: LogLevel;
  /** Runs that the predecessor's death had cut, retried or interrupted now. SQLite only: elsewhere a routine finds them. */
  cutRuns: number;
  /** For the log: what everything is kept in, and what wakes whom. */
  labels: { database: string; transport: string };
  close(): Promise<void>;
}

export interface PlatformOptions {
  /** SQLite: the compiled database thread; left out, writes happen on the calling thread. */
  penProgram?: URL | undefined;
  /** What adopting an old deployment says; left out: nowhere. */
  log?: AdoptionLog;
  /** Of the process's logger; left out: of one that writes nothing. */
  logLevel?: LogLevel;
}

const NOWHERE: AdoptionLog = { info: () => undefined, warn: () => undefined };

/**
 * Opens the database that the configuration names, then the transport.
 * @throws DataFolderError, KeyFileError, NewerSchemaError; on a database server also whatever its client reports
 */
export async function openPlatform(config: Config, options: PlatformOptions = {}): Promise<Platform> {
  const storage = await openStorage(config, options);
  try {
    return await assemble(config, storage, options.logLevel ?? silent());
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function openStorage(config: Config, { penProgram, log = NOWHERE }: PlatformOptions): Promise<Storage> {
  return config.dbType === 'sqlite' ? openSqliteStorage(config, penProgram) : openMysqlStorage(config, log);
}

const silent = (): LogLevel => new LogLevel(createLogger({ level: 'silent', name: 'ecron' }));

function metricsOf({ database, clock }: Storage): Metrics {
  const metrics = new Metrics(VERSION);
  metrics.watchTables(() => takeCensus(database, clock.now()));
  metrics.watchPools(() => database.pools);
  return metrics;
}

async function assemble(config: Config, storage: Storage, logLevel: LogLevel): Promise<Platform> {
  const { database, clock, cutRuns } = storage;
  const defaults = policyDefaults(config, await storedCompletion(database));
  const sealer = openSealer(config);
  const secret = await executionSecret(database);
  const { transport, label } = await openTransport(config);
  const close = async (): Promise<void> => {
    await transport.close().finally(() => storage.close());
  };
  const labels = { database: storage.label, transport: label };
  const base = { config, defaults, database, secret, sealer, clock, transport, cutRuns, labels, close };
  return { ...base, metrics: metricsOf(storage), logLevel };
}
