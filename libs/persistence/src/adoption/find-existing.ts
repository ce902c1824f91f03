import { inList, type Sql } from '../sql/sql.js';

/** Which of the values a column of a table has. */
export async function findExisting(
  sql: Sql,
  table: string,
  column: string,
  values: readonly string[],
): Promise<Set<string>> {
  if (values.length === 0) return new Set();
  const list = inList(values);
  const rows = await sql.all<Record<string, string>>(
    `SELECT DISTINCT ${column} FROM ${table} WHERE ${column} IN (${list.marks})`,
    list.values,
  );
  return new Set(rows.flatMap((row) => row[column] ?? []));
}
