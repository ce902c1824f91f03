import { type Config } from '@ecron/config';
import { NodeClock, PROCESS_TIME } from '@ecron/nodes';
import { type Database, DataFolder, openSqlite, SqlNodeStore, SqlRecoveryStore } from '@ecron/persistence';
import { takeOver } from '@ecron/scheduling';
import { policyDefaults } from './policy-defaults.js';
import { type Storage } from './storage.js';

/**
 * Opens the data folder (alone), brings its schema up to date and settles what a predecessor that was killed
 * has left.
 * @param penProgram the compiled database thread; left out, writes happen on the calling thread
 * @throws DataFolderError, NewerSchemaError; nothing is left open then
 */
export async function openSqliteStorage(config: Config, penProgram?: URL): Promise<Storage> {
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

async function settle(config: Config, folder: DataFolder, database: Database): Promise<Storage> {
  const clock = new NodeClock(PROCESS_TIME, await new SqlNodeStore(database).highestTime());
  const cutRuns = await takeOver(new SqlRecoveryStore(database), clock, policyDefaults(config, null));
  const close = async (): Promise<void> => {
    await database.close();
    folder.close();
  };
  return { database, clock, label: `SQLite in ${config.dataDir}`, cutRuns, close };
}
