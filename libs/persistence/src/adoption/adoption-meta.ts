import { type Completion } from '@ecron/domain';
import { insertIgnore, type Sql } from '../sql/sql.js';
import { type AdoptionSource, emptyReport, type SourceReport } from './adoption-report.js';

const nameOf = (source: AdoptionSource): string => `adoption/${source}`;
const COMPLETION = 'http_completion';

/** What is said before the first row is adopted, once for a deployment. True: it was said now. */
export async function beginAdoption(
  sql: Sql,
  sources: readonly AdoptionSource[],
  began: { zone: string; now: number },
): Promise<boolean> {
  const [known] = await sql.all(`SELECT 1 FROM ecron_meta WHERE name = 'adoption'`);
  const facts = JSON.stringify({ zone: began.zone, began_at: new Date(began.now).toISOString() });
  await insertIgnore(
    sql,
    'ecron_meta',
    ['name', 'value'],
    [
      ['adoption', facts],
      [COMPLETION, 'callback' satisfies Completion],
      ...sources.map((source) => [nameOf(source), JSON.stringify(emptyReport())]),
    ],
  );
  return known === undefined;
}

/** Locks the report until the transaction ends, so that of two who adopt one waits, and then goes on behind the other. */
export async function lockReport(sql: Sql, source: AdoptionSource): Promise<SourceReport> {
  const [row] = await sql.all<{ value: string }>('SELECT value FROM ecron_meta WHERE name = ? FOR UPDATE', [
    nameOf(source),
  ]);
  return row === undefined ? emptyReport() : (JSON.parse(row.value) as SourceReport);
}

export async function saveReport(sql: Sql, source: AdoptionSource, report: SourceReport): Promise<void> {
  await sql.run('UPDATE ecron_meta SET value = ? WHERE name = ?', [JSON.stringify(report), nameOf(source)]);
}

/**
 * What ends an HTTP execution in this deployment where neither its job nor the configuration says: `callback` where
 * old data was adopted, else null.
 */
export async function storedCompletion(database: {
  read<T>(text: string): Promise<T[]>;
}): Promise<Completion | null> {
  const [row] = await database.read<{ value: string }>(
    `SELECT value FROM ecron_meta WHERE name = '${COMPLETION}'`,
  );
  return row === undefined ? null : (row.value as Completion);
}
