import { join } from 'node:path';
import { MIGRATIONS } from '@ecron/migrations';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Database } from './database.js';
import { ROWS } from './rows/index.js';
import { Checkpoints } from './sql/checkpoints.js';
import { InlinePen } from './sql/inline-pen.js';
import { ThreadPen } from './sql/thread-pen.js';

export const SQLITE_FILE = 'ecron.db';
const STATEMENTS_KEPT = 400;
/** A commit checkpoints by itself only when the regular ones have not got through for long: 80 MB of log. */
const LATEST_CHECKPOINT_PAGES = 20_000;

/** WAL lets readers go on during a write; FULL makes a commit durable before it is acknowledged. */
const PRAGMAS = ['journal_mode = WAL', 'synchronous = FULL', 'busy_timeout = 5000', 'cache_size = -65536'];

interface Pragmas {
  pragma(text: string): unknown;
}

/** The data file was written by a later version of ECron, whose migrations this one does not know. */
export class NewerSchemaError extends Error {
  constructor(names: readonly string[]) {
    super(`the data file was written by a newer version (unknown migrations: ${names.join(', ')})`);
  }
}

/**
 * Opens (or creates) the SQLite database of a data folder and brings its schema up to date.
 * The caller holds the folder's lock, so no other process migrates or writes meanwhile.
 * @param penProgram the compiled `pen.worker`; left out, the calling thread does it all
 */
export async function openSqlite(folder: string, penProgram?: URL): Promise<Database> {
  const source = await openMigrated(folder);
  if (penProgram === undefined) {
    const reader = await new DataSource({ ...sqliteOptions(folder), readonly: true }).initialize();
    return new Database(new InlinePen(source), new InlinePen(reader));
  }
  await source.destroy();
  const file = join(folder, SQLITE_FILE);
  const pen = new ThreadPen(penProgram, file, [
    ...PRAGMAS,
    `wal_autocheckpoint = ${LATEST_CHECKPOINT_PAGES}`,
  ]);
  await pen.all('SELECT 1');
  const reader = new ThreadPen(penProgram, file, [...PRAGMAS, 'query_only = ON']);
  return new Database(pen, reader, new Checkpoints(reader).start());
}

/** The data source as migrations leave it. */
export async function openMigrated(folder: string): Promise<DataSource> {
  const source = await new DataSource(sqliteOptions(folder)).initialize();
  try {
    await refuseNewer(source);
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
    entities: ROWS,
    migrations: MIGRATIONS,
    migrationsTableName: 'ecron_migration',
    statementCacheSize: STATEMENTS_KEPT,
    prepareDatabase: (db: unknown) => PRAGMAS.forEach((text) => (db as Pragmas).pragma(text)),
  };
}

async function refuseNewer(source: DataSource): Promise<void> {
  const known = new Set(MIGRATIONS.map((m) => m.name));
  const unknown = (await appliedMigrations(source)).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new NewerSchemaError(unknown);
}

async function appliedMigrations(source: DataSource): Promise<string[]> {
  const tables = await source.query<unknown[]>(`SELECT 1 FROM sqlite_master WHERE name = 'ecron_migration'`);
  if (tables.length === 0) return [];
  const rows = await source.query<{ name: string }[]>('SELECT name FROM ecron_migration');
  return rows.map((row) => row.name);
}
