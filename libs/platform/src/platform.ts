import { type Config } from '@ecron/config';
import { type PolicyDefaults } from '@ecron/domain';
import { MemoryBus } from '@ecron/messaging';
import { NodeClock } from '@ecron/nodes';
import {
  type Database,
  DataFolder,
  executionSecret,
  openSqlite,
  SqlNodeStore,
  SqlRecoveryStore,
} from '@ecron/persistence';
import { takeOver } from '@ecron/scheduling';

/** What all parts of a process stand on; opened before any of them, closed after all of them. */
export interface Platform {
  config: Config;
  defaults: PolicyDefaults;
  database: Database;
  secret: string;
  clock: NodeClock;
  bus: MemoryBus;
  /** Runs that the predecessor's death had cut, retried or interrupted now. */
  cutRuns: number;
  close(): Promise<void>;
}

export function policyDefaults(config: Config): PolicyDefaults {
  return { maxAttempts: config.jobFailures, completion: config.httpCompletion };
}

/**
 * Opens the data folder (alone), brings its schema up to date and settles what a predecessor that was killed
 * has left.
 * @param penProgram the compiled database thread; left out, writes happen on the calling thread
 * @throws DataFolderError, NewerSchemaError
 */
export async function openPlatform(config: Config, penProgram?: URL): Promise<Platform> {
  const folder = DataFolder.open(config.dataDir);
  let database: Database | undefined;
  try {
    database = await openSqlite(config.dataDir, penProgram);
    return await settle(config, folder, database);
  } catch (error) {
    await database?.close();
    folder.close();
    throw error;
  }
}

async function settle(config: Config, folder: DataFolder, database: Database): Promise<Platform> {
  const defaults = policyDefaults(config);
  const sources = { wall: () => Date.now(), monotonic: () => performance.now() };
  const clock = new NodeClock(sources, await new SqlNodeStore(database).highestTime());
  const cutRuns = await takeOver(new SqlRecoveryStore(database), clock, defaults);
  const secret = await executionSecret(database);
  const close = async (): Promise<void> => {
    await database.close();
    folder.close();
  };
  return { config, defaults, database, secret, clock, bus: new MemoryBus(), cutRuns, close };
}
