import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '@ecron/persistence';
import { sqlStores } from './sql-stores.js';
import { type OpenStores } from './stores-under-test.js';

/**
 * Every store over SQLite, each time in a folder of its own.
 * @param penProgram the compiled database thread; left out, writes happen on the calling thread
 */
export function sqliteStores(penProgram?: URL): OpenStores {
  return async (clock, defaults) => {
    const folder = mkdtempSync(join(tmpdir(), 'ecron-'));
    const database = await openSqlite(folder, penProgram);
    return {
      ...sqlStores(database, clock, defaults),
      close: async () => {
        await database.close();
        rmSync(folder, { recursive: true });
      },
    };
  };
}
