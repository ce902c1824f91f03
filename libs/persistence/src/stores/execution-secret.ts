import { randomBytes } from 'node:crypto';
import { type Database } from '../database.js';
import { insertIgnore } from '../sql/sql.js';

/** The secret that execute ids are keyed by: made once for a deployment, then read. */
export async function executionSecret(database: Database): Promise<string> {
  return database.write('edit', async (sql) => {
    const made = randomBytes(32).toString('hex');
    await insertIgnore(sql, 'ecron_meta', ['name', 'value'], [['execute_id_secret', made]]);
    const [row] = await sql.all<{ value: string }>(
      `SELECT value FROM ecron_meta WHERE name = 'execute_id_secret'`,
    );
    return row?.value ?? made;
  });
}
