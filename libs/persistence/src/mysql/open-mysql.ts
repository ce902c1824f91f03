import { type Database } from '../database.js';
import { mysqlDialect } from '../sql/mysql-dialect.js';
import { detectCapabilities, findVersion } from './capabilities.js';
import { migrateMysql, type MigrateMode } from './migrate-mysql.js';
import { MysqlDatabase } from './mysql-database.js';
import { complete, type MysqlSettings } from './mysql-settings.js';
import { connect, cut } from './session.js';

/**
 * Opens a database on a MySQL or MariaDB server and brings its schema up to date, or checks that it is.
 * @throws NewerSchemaError, PendingMigrationsError, MigrationLockError, or what the server or the network reports;
 *   nothing is left open then
 */
export async function openMysql(
  settings: MysqlSettings,
  { migrate = 'auto' }: { migrate?: MigrateMode } = {},
): Promise<Database> {
  const all = complete(settings);
  const connection = await connect(all);
  try {
    const version = await findVersion(connection);
    await migrateMysql(all, connection, version.product, migrate);
    const capabilities = await detectCapabilities(connection, version);
    const skipLocked = capabilities.skipLocked && all.skipLocked === 'detect';
    return new MysqlDatabase(all, mysqlDialect(skipLocked), { ...capabilities, skipLocked });
  } finally {
    cut(connection);
  }
}
