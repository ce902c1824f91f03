import { join } from 'node:path';
import { MIGRATIONS } from '@ecron/migrations';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Database } from './database.js';
import { ROWS } from './rows/index.js';

export const SQLITE_FILE = 'ecron.db';
const STATEMENTS_KEPT = 400;

type SqliteOptions = Extract<DataSourceOptions, { type: 'better-sqlite3' }>;

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
 */
export async function openSqlite(folder: string): Promise<Database> {
  const writer = new DataSource(options(folder));
  await writer.initialize();
  try {
    await migrate(writer);
    const reader = new DataSource({ ...options(folder), readonly: true });
    return new Database(writer, await reader.initialize());
  } catch (error) {
    await writer.destroy();
    throw error;
  }
}

function options(folder: string): SqliteOptions {
  return {
    type: 'better-sqlite3',
    database: join(folder, SQLITE_FILE),
    entities: ROWS,
    migrations: MIGRATIONS,
    migrationsTableName: 'ecron_migration',
    statementCacheSize: STATEMENTS_KEPT,
    prepareDatabase: (db: unknown) => setPragmas(db as Pragmas),
  };
}

/** WAL lets readers go on during a write; FULL makes a commit durable before it is acknowledged. */
function setPragmas(db: Pragmas): void {
  for (const text of ['journal_mode = WAL', 'synchronous = FULL', 'busy_timeout = 5000', 'cache_size = -65536']) {
    db.pragma(text);
  }
}

async function migrate(writer: DataSource): Promise<void> {
  const known = new Set(MIGRATIONS.map((m) => m.name));
  const applied = await appliedMigrations(writer);
  const unknown = applied.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new NewerSchemaError(unknown);
  await writer.runMigrations({ transaction: 'each' });
}

async function appliedMigrations(writer: DataSource): Promise<string[]> {
  const tables = await writer.query<unknown[]>(`SELECT 1 FROM sqlite_master WHERE name = 'ecron_migration'`);
  if (tables.length === 0) return [];
  const rows = await writer.query<{ name: string }[]>('SELECT name FROM ecron_migration');
  return rows.map((row) => row.name);
}
