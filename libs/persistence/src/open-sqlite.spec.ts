import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database } from './database.js';
import { openMigrated, openSqlite } from './open-sqlite.js';
import { NewerSchemaError } from './schema.js';

describe('a SQLite data folder', () => {
  let folder: string;
  let database: Database | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ecron-'));
  });
  afterEach(async () => {
    await database?.close();
    database = undefined;
    rmSync(folder, { recursive: true });
  });

  it('has, once migrated, exactly the schema that the entities describe', async () => {
    const source = await openMigrated(folder);
    const drift = await source.driver.createSchemaBuilder().log();
    expect(drift.upQueries.map((q) => q.query)).toEqual([]);
    await source.destroy();
  });

  it('commits durably: WAL with synchronous=FULL', async () => {
    database = await openSqlite(folder);
    const asked = (text: string) => database?.write('edit', (sql) => sql.all(text));
    expect(await asked('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(await asked('PRAGMA synchronous')).toEqual([{ synchronous: 2 }]);
  });

  it('opens again with its rows', async () => {
    const first = await openSqlite(folder);
    await first.write('edit', (sql) => sql.run(`INSERT INTO ecron_meta (name, value) VALUES ('a', 'b')`));
    await first.close();
    database = await openSqlite(folder);
    expect(await database.read('SELECT * FROM ecron_meta')).toEqual([{ name: 'a', value: 'b' }]);
  });

  it('refuses a data file that a newer version has migrated', async () => {
    const first = await openSqlite(folder);
    await first.write('edit', (sql) =>
      sql.run(`INSERT INTO ecron_migration (timestamp, name) VALUES (9, 'Later9')`),
    );
    await first.close();
    await expect(openSqlite(folder)).rejects.toThrow(NewerSchemaError);
  });

  it('shows a reader nothing of a transaction that has not ended, and nothing at all of one that failed', async () => {
    database = await openSqlite(folder);
    const db = database;
    const write = db.write('edit', async (sql) => {
      await sql.run(`INSERT INTO ecron_meta (name, value) VALUES ('a', 'b')`);
      expect(await db.read('SELECT * FROM ecron_meta')).toEqual([]);
      throw new Error('given up');
    });
    await expect(write).rejects.toThrow('given up');
    expect(await db.read('SELECT * FROM ecron_meta')).toEqual([]);
  });
});
