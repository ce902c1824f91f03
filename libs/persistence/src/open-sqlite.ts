import { join } from 'node:path';
import { MIGRATIONS } from '@ecron/migrations';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { type Database } from './database.js';
import { rowsFor } from './rows/index.js';
import { appliedMigrations, MIGRATION_TABLE, refuseNewer } from './schema.js';
import { Checkpoints } from './sql/checkpoints.js';
import { InlinePen } from './sql/inline-pen.js';
import { ThreadPen } from './sql/thread-pen.js';
import { SqliteDatabase } from './sqlite-database.js';

export const SQLITE_FILE = 'ecron.db';
const STATEMENTS_KEPT = 400;
/** A commit checkpoints by itself only when the regular ones have not got through for long: 80 MB of log. */
const LATEST_CHECKPOINT_PAGES = 20_000;

/** WAL lets readers go on during a write; FULL makes a commit durable before it is acknowledged. */
const PRAGMAS = ['journal_mode = WAL', 'synchronous = FULL', 'busy_timeout = 5000', 'cache_size = -65536'];

interface Pragmas {
  pragma(text: string): unknown;
}

/**
 * Opens (or creates) the SQLite database of a data folder and brings its schema up to date.
 * The caller holds the folder's lock, so no other process migrates or writes meanwhile.
 * @param penProgram the compiled `pen.worker`; left out, the calling thread does it all
 */
export async function openSqlite(folder: string, penProgram?: URL): Promise<Database> {
  const source = await openMigrated(folder);
  if (penProgram === undefined) {
    const reader = new InlinePen(
      await new DataSource({ ...sqliteOptions(folder), readonly: true }).initialize(),
    );
    return new SqliteDatabase(new InlinePen(source), reader, reader);
  }
  await source.destroy();
  const file = join(folder, SQLITE_FILE);
  const pen = new ThreadPen(penProgram, file, [
    ...PRAGMAS,
    `wal_autocheckpoint = ${LATEST_CHECKPOINT_PAGES}`,
  ]);
  await pen.all('SELECT 1');
  const [reader, browser] = [openReader(penProgram, file), openReader(penProgram, file)];
  return new SqliteDatabase(pen, reader, browser, new Checkpoints(reader).start());
}

const openReader = (penProgram: URL, file: string): ThreadPen =>
  new ThreadPen(penProgram, file, [...PRAGMAS, 'query_only = ON']);

/** The data source as migrations leave it. */
export async function openMigrated(folder: string): Promise<DataSource> {
  const source = await new DataSource(sqliteOptions(folder)).initialize();
  try {
    refuseNewer(await appliedMigrations(source));
    await source.runMigrations({ transaction: 'each' });
    return source;
  } catch (error) {
    await source.destroy();
    throw error;
  }
}

function sqliteOptions(folder: string): Extract<DataSourceOptions, { type: 'better-sqlite3' }> {
  return {
    type: 'better-sqlite3',
    database: join(folder, SQLITE_FILE),
    entities: rowsFor('sqlite'),
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATION_TABLE,
    statementCacheSize: STATEMENTS_KEPT,
    prepareDatabase: (db: unknown) => PRAGMAS.forEach((text) => (db as Pragmas).pragma(text)),
  };
}
