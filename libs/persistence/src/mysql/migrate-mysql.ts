import { createHash } from 'node:crypto';
import { MIGRATIONS } from '@ecron/migrations';
import { type Connection, type RowDataPacket } from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { rowsFor } from '../rows/index.js';
import { appliedMigrations, MIGRATION_TABLE, refuseNewer, refusePending } from '../schema.js';
import { type ServerVersion } from './capabilities.js';
import { type CompleteSettings, sslOptions } from './mysql-settings.js';

/** How long one process waits for another's migrations. */
const LOCK_WAIT_S = 300;

/** `auto`: applies what is pending. `check`: applies nothing and refuses a database that lacks some. */
export type MigrateMode = 'auto' | 'check';

/** Somebody else has been migrating the same database for longer than anybody waits. */
export class MigrationLockError extends Error {
  constructor() {
    super(`another process has been migrating the database for over ${LOCK_WAIT_S} s`);
  }
}

/**
 * Brings the schema up to date, alone however many start at once, or sees to it that it is.
 * @throws NewerSchemaError, PendingMigrationsError, MigrationLockError
 */
export async function migrateMysql(
  settings: CompleteSettings,
  connection: Connection,
  product: ServerVersion['product'],
  mode: MigrateMode,
): Promise<void> {
  const source = await openSource(settings, product);
  try {
    if (mode === 'check') return check(await appliedMigrations(source));
    await underLock(connection, settings.database, () => apply(source));
  } finally {
    await source.destroy();
  }
}

/** For the migrations, and the test that compares them with the entities. */
export function openSource(
  settings: CompleteSettings,
  product: ServerVersion['product'],
): Promise<DataSource> {
  const { host, port, user, password, database } = settings;
  return new DataSource({
    // They describe their columns differently.
    type: product === 'MariaDB' ? 'mariadb' : 'mysql',
    ...{ host, port, username: user, password, database },
    ...sslOptions(settings),
    charset: 'UTF8MB4_BIN',
    entities: rowsFor('mysql'),
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATION_TABLE,
    poolSize: 1,
  }).initialize();
}

function check(applied: readonly string[]): void {
  refuseNewer(applied);
  refusePending(applied);
}

/** The server commits with each statement on the schema, so each migration can be carried out again. */
async function apply(source: DataSource): Promise<void> {
  refuseNewer(await appliedMigrations(source));
  await source.runMigrations({ transaction: 'none' });
}

/** The lock goes with the connection, however the process ends. */
async function underLock(connection: Connection, database: string, work: () => Promise<void>): Promise<void> {
  const name = lockName(database);
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS got', [
    name,
    LOCK_WAIT_S,
  ]);
  if (row?.['got'] !== 1) throw new MigrationLockError();
  try {
    await work();
  } finally {
    await connection.query('SELECT RELEASE_LOCK(?)', [name]);
  }
}

/** Such names are the server's, not the database's, and end at 64 characters. */
function lockName(database: string): string {
  return `ecron-migrate-${createHash('sha256').update(database).digest('hex').slice(0, 32)}`;
}
