import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openSqlite,
  SqlClaimStore,
  SqlExecutionStore,
  SqlJobStore,
  SqlLedgerStore,
  SqlNodeStore,
  SqlQueuedRequestStore,
  SqlRecoveryStore,
  SqlRunStore,
  SqlWaitingStore,
} from '@ecron/persistence';
import { type OpenStores, STORE_DEFAULTS, STORE_SECRET } from './stores-under-test.js';

/**
 * Every store over SQLite, each time in a folder of its own.
 * @param penProgram the compiled database thread; left out, writes happen on the calling thread
 */
export function sqliteStores(penProgram?: URL): OpenStores {
  return async (clock) => {
    const folder = mkdtempSync(join(tmpdir(), 'ecron-'));
    const database = await openSqlite(folder, penProgram);
    return {
      jobs: new SqlJobStore(database, STORE_SECRET, STORE_DEFAULTS, clock),
      executions: new SqlExecutionStore(database, STORE_DEFAULTS, clock),
      ledger: new SqlLedgerStore(database),
      claims: new SqlClaimStore(database, STORE_SECRET),
      waiting: new SqlWaitingStore(database, STORE_DEFAULTS),
      requests: new SqlQueuedRequestStore(database, STORE_DEFAULTS),
      runs: new SqlRunStore(database, STORE_DEFAULTS),
      recovery: new SqlRecoveryStore(database),
      nodes: new SqlNodeStore(database),
      query: (text, values) => database.write('edit', (sql) => sql.all(text, values)),
      close: async () => {
        await database.close();
        rmSync(folder, { recursive: true });
      },
    };
  };
}
