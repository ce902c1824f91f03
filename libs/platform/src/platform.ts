import { type Config } from '@ecron/config';
import { type PolicyDefaults } from '@ecron/domain';
import { type Transport } from '@ecron/messaging';
import { type NodeClock } from '@ecron/nodes';
import { type AdoptionLog, type Database, executionSecret, storedCompletion } from '@ecron/persistence';
import { openMysqlStorage } from './open-mysql-storage.js';
import { openSqliteStorage } from './open-sqlite-storage.js';
import { openTransport } from './open-transport.js';
import { policyDefaults } from './policy-defaults.js';
import { type Storage } from './storage.js';

/** What all parts of a process stand on; opened before any of them, closed after all of them. */
export interface Platform {
  config: Config;
  defaults: PolicyDefaults;
  database: Database;
  secret: string;
  clock: NodeClock;
  transport: Transport;
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
}

const NOWHERE: AdoptionLog = { info: () => undefined, warn: () => undefined };

/**
 * Opens the database that the configuration names, then the transport.
 * @throws DataFolderError, NewerSchemaError; on a database server also whatever its client reports
 */
export async function openPlatform(config: Config, options: PlatformOptions = {}): Promise<Platform> {
  const storage = await openStorage(config, options);
  try {
    return await assemble(config, storage);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function openStorage(config: Config, { penProgram, log = NOWHERE }: PlatformOptions): Promise<Storage> {
  return config.dbType === 'sqlite' ? openSqliteStorage(config, penProgram) : openMysqlStorage(config, log);
}

async function assemble(config: Config, storage: Storage): Promise<Platform> {
  const { database, clock, cutRuns } = storage;
  const defaults = policyDefaults(config, await storedCompletion(database));
  const secret = await executionSecret(database);
  const { transport, label } = await openTransport(config);
  const close = async (): Promise<void> => {
    await transport.close().finally(() => storage.close());
  };
  const labels = { database: storage.label, transport: label };
  return { config, defaults, database, secret, clock, transport, cutRuns, labels, close };
}
