import { type Config } from '@ecron/config';
import { DatabaseTime, NodeClock } from '@ecron/nodes';
import { adoptLegacy, type AdoptionLog, type Database, openMysql, SqlNodeStore } from '@ecron/persistence';
import { mysqlSettings } from './mysql-settings.js';
import { policyDefaults } from './policy-defaults.js';
import { type Storage } from './storage.js';

/**
 * Connects to the database server. Unless told only to check, it brings the schema up to date and adopts what an old
 * deployment has left there. What dead nodes leave is found by a routine: here nobody knows who is dead.
 * @throws NewerSchemaError, PendingMigrationsError, and what the server or the network reports; nothing is left open then
 */
export async function openMysqlStorage(config: Config, log: AdoptionLog): Promise<Storage> {
  const database = await openMysql(mysqlSettings(config), { migrate: config.dbMigrate });
  let time: DatabaseTime | undefined;
  try {
    time = await DatabaseTime.start({ read: () => database.clock() });
    const clock = new NodeClock(time, await new SqlNodeStore(database).highestTime());
    if (config.dbMigrate === 'auto') await adopt(database, config, clock.now(), log);
    return assemble(config, database, clock, time);
  } catch (error) {
    time?.stop();
    await database.close();
    throw error;
  }
}

async function adopt(database: Database, config: Config, now: number, log: AdoptionLog): Promise<void> {
  await adoptLegacy(database, { zone: config.timeZone, now, defaults: policyDefaults(config, null), log });
}

function assemble(config: Config, database: Database, clock: NodeClock, time: DatabaseTime): Storage {
  const { server, skipLocked } = database.capabilities;
  const where = `${config.dbAddr}:${config.dbPort}/${config.systemId}${config.dbName}`;
  const label = `${server} at ${where} (${skipLocked ? 'with' : 'WITHOUT'} skip locked)`;
  const close = async (): Promise<void> => {
    time.stop();
    await database.close();
  };
  return { database, clock, label, cutRuns: 0, close };
}
