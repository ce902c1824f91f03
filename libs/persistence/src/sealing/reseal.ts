import { isSealed, type JobContext, mapSecrets, type Sealer, UnopenableSecretError } from '@ecron/domain';
import { keyPlace } from '@ecron/notification';
import { type Database } from '../database.js';
import { insertIgnore } from '../sql/sql.js';
import { type AesSealer } from './aes-sealer.js';

const ROWS_PER_READ = 200;

/** In `ecron_meta`: the id of the key that everything is sealed under. */
const SEALED_UNDER = 'sealed_under';

/** What became of the stored secrets. */
export interface ResealReport {
  /** Rows that are sealed under the current key now and were not before. */
  resealed: number;
  /** Rows with a secret that no configured key opens; they are left as they are. */
  unopenable: number;
}

/**
 * Brings all that is stored under the current key: at each start with several keys, as a node with the old order of keys
 * may have sealed since, and once for a key that is new. Null: there is nothing to do.
 */
export async function resealWhereNeeded(database: Database, sealer: AesSealer): Promise<ResealReport | null> {
  const [current] = sealer.keyIds;
  if (current === undefined) return null;
  const [row] = await database.read<{ value: string }>('SELECT value FROM ecron_meta WHERE name = ?', [
    SEALED_UNDER,
  ]);
  if (row?.value === current && sealer.keyIds.length === 1) return null;
  const report = await resealAll(database, sealer);
  if (report.unopenable === 0) await remember(database, current);
  return report;
}

async function remember(database: Database, keyId: string): Promise<void> {
  await database.write('routine', async (sql) => {
    await sql.run('DELETE FROM ecron_meta WHERE name = ?', [SEALED_UNDER]);
    await insertIgnore(sql, 'ecron_meta', ['name', 'value'], [[SEALED_UNDER, keyId]]);
  });
}

/** A table that holds secrets, by its key column. */
interface Holder {
  table: string;
  id: string;
  column: string;
  /** What pages are cut by. */
  order: string;
  /** Which rows can still be used. */
  where: string;
  reseal: (text: string, tenantId: string, sealer: Sealer) => string;
}

const HOLDERS: readonly Holder[] = [
  {
    ...{ table: 'ecron_job', id: 'job_id', column: 'context', order: 'job_id' },
    where: '1 = 1',
    reseal: resealContext,
  },
  {
    ...{ table: 'ecron_execution', id: 'execute_id', column: 'context' },
    // Hidden from the planner: few rows are open, and the index on states finds them.
    order: `COALESCE(execute_id, '')`,
    where: `state IN ('waiting', 'running', 'accepted') AND context IS NOT NULL`,
    reseal: resealContext,
  },
  {
    ...{ table: 'ecron_webhook_secret', id: 'secret_id', column: 'sealed', order: 'secret_id' },
    where: '1 = 1',
    reseal: (text, tenantId, sealer) => resealText(text, keyPlace(tenantId), sealer),
  },
];

/**
 * Seals what is stored under an older key, or in the clear, under the current one, some rows at a time. A row that
 * somebody edits meanwhile is left to him, and sealed as he writes it. May be cut and repeated.
 */
async function resealAll(database: Database, sealer: Sealer): Promise<ResealReport> {
  const report = { resealed: 0, unopenable: 0 };
  for (const holder of HOLDERS) {
    for (let last: string | undefined = ''; last !== undefined;) {
      last = await resealSome(database, sealer, { holder, after: last }, report);
    }
  }
  return report;
}

interface Row {
  id: string;
  tenant_id: string;
  text: string;
}

/** Resolves with the last id that was looked at; undefined: there are no more. */
async function resealSome(
  database: Database,
  sealer: Sealer,
  { holder, after }: { holder: Holder; after: string },
  report: ResealReport,
): Promise<string | undefined> {
  const { table, id, column, order, where } = holder;
  const rows = await database.browse<Row>(
    `SELECT ${id} AS id, tenant_id, ${column} AS text FROM ${table} WHERE ${order} > ? AND ${where} ORDER BY ${order} LIMIT ?`,
    [after, ROWS_PER_READ],
  );
  const judged = rows.map((row) => ({ ...row, sealed: tryReseal(holder, row, sealer) }));
  report.unopenable += judged.filter(({ sealed }) => sealed === null).length;
  report.resealed += await replaceAll(database, holder, judged.filter(isStale));
  return rows.length < ROWS_PER_READ ? undefined : rows.at(-1)?.id;
}

function tryReseal({ reseal }: Holder, row: Row, sealer: Sealer): string | null {
  try {
    return reseal(row.text, row.tenant_id, sealer);
  } catch (error) {
    if (error instanceof UnopenableSecretError) return null;
    // No edit of ours can have written it: it holds no secret of ours.
    if (error instanceof SyntaxError || error instanceof TypeError) return row.text;
    throw error;
  }
}

const isStale = (row: Row & { sealed: string | null }): row is Row & { sealed: string } =>
  row.sealed !== null && row.sealed !== row.text;

/** Resolves with how many nobody had changed meanwhile. */
async function replaceAll(
  database: Database,
  { table, id, column }: Holder,
  rows: readonly (Row & { sealed: string })[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const statement = `UPDATE ${table} SET ${column} = ? WHERE ${id} = ? AND ${column} = ?`;
  return database.write('routine', async (sql) => {
    let replaced = 0;
    for (const row of rows) replaced += await sql.run(statement, [row.sealed, row.id, row.text]);
    return replaced;
  });
}

function resealContext(text: string, tenantId: string, sealer: Sealer): string {
  const context = JSON.parse(text) as JobContext;
  const resealed = mapSecrets(context, (secret) =>
    resealText(secret.text, { tenantId, field: secret.field }, sealer),
  );
  return resealed === context ? text : JSON.stringify(resealed);
}

function resealText(text: string, place: { tenantId: string; field: string }, sealer: Sealer): string {
  if (isSealed(text) && sealer.isCurrent(text)) return text;
  return sealer.seal(sealer.open(text, place), place);
}
