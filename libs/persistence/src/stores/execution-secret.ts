import { randomBytes } from 'node:crypto';
import { type Sealer } from '@ecron/domain';
import { type Database } from '../database.js';
import { insertIgnore, type Sql } from '../sql/sql.js';

/** The secret that execute ids are keyed by: made once for a deployment, then read. */
export function executionSecret(database: Database): Promise<string> {
  return database.write('edit', (sql) => stored(sql, 'execute_id_secret', makeSecret()));
}

/** The secret that callback keys are made from where the configuration names none: made once, then read. */
export function callbackSecret(database: Database, sealer: Sealer): Promise<string> {
  return sealedSecret(database, sealer, 'callback_secret');
}

/** The key of session cookies where the configuration names none: made once, then read. */
export function sessionSecret(database: Database, sealer: Sealer): Promise<string> {
  return sealedSecret(database, sealer, 'session_key');
}

const makeSecret = (): string => randomBytes(32).toString('hex');

/** Stored in the clear where there is no key; sealed under the current one at the first reading that has one. */
function sealedSecret(database: Database, sealer: Sealer, name: string): Promise<string> {
  const place = { tenantId: '', field: name };
  const keep = (plain: string): string => (sealer.canSeal ? sealer.seal(plain, place) : plain);
  return database.write('edit', async (sql) => {
    const text = await stored(sql, name, keep(makeSecret()));
    const plain = sealer.open(text, place);
    if (!sealer.isCurrent(text)) {
      const renew = 'UPDATE ecron_meta SET value = ? WHERE name = ? AND value = ?';
      await sql.run(renew, [keep(plain), name, text]);
    }
    return plain;
  });
}

async function stored(sql: Sql, name: string, made: string): Promise<string> {
  await insertIgnore(sql, 'ecron_meta', ['name', 'value'], [[name, made]]);
  const [row] = await sql.all<{ value: string }>('SELECT value FROM ecron_meta WHERE name = ?', [name]);
  return row?.value ?? made;
}
