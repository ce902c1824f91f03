import { type Call, type Statement } from './recorded-database.js';

/** Tables whose rows belong to tenants. */
const OF_TENANTS =
  /\becron_(job|job_version|job_active|execution|output|webhook|webhook_delivery|webhook_secret|audit)\b/;
const KEY = '(?:\\w+\\.)?(?:job_id|execute_id|owner_id|delivery_id|secret_id)';
/** `tenant_id = ?`; COALESCE hides the column from the planner, not from the rule. */
const TENANT = /(?:\b\w+\.)?tenant_id(?:, '')?\)? (?:= \?|IN \((?:\?,?)+\))/g;
const KEYS = new RegExp(`${KEY}(?:, '')?\\)? (?:= \\?|IN \\((?:\\?,?)+\\))`, 'g');
const INSERT = /^\s*INSERT INTO \w+ \(([^)]*)\)/;
/** Rows of values that an update joins by their first column, as the two databases spell it. */
const KEYED_UPDATE = /^WITH v\(([^)]*)\) AS \(VALUES|^UPDATE \(SELECT ((?:\? AS \w+,?)+)/;

/**
 * What a statement may do that a tenant's call carries out on rows of tenants:
 * - insert rows that name the tenant, or whose keys are all known;
 * - else it must restrict `tenant_id` to the tenant, or one of the row's keys to known ones.
 *
 * Known are the keys in rows that a permitted statement of the same call has read or inserted before. Joins and
 * subqueries go on from there by key.
 */
export function findForbidden({ statements }: Call, tenantId: string): Statement[] {
  const known = new Set<unknown>();
  return statements.filter((statement) => {
    if (OF_TENANTS.test(statement.text) && !isPermitted(statement, tenantId, known)) return true;
    learn(statement, known);
    return false;
  });
}

function isPermitted({ text, values }: Statement, tenantId: string, known: ReadonlySet<unknown>): boolean {
  // Nothing equals null.
  const isKnown = (value: unknown): boolean => value === null || known.has(value);
  const inserted = rowsOf(text, values, INSERT);
  if (inserted !== null) {
    return inserted.every((row) =>
      'tenant_id' in row ? row['tenant_id'] === tenantId : keysOf(row).every(isKnown),
    );
  }
  const updated = rowsOf(text, values, KEYED_UPDATE);
  if (updated !== null) return updated.every((row) => isKnown(Object.values(row)[0]));
  if (bound(text, values, TENANT).some((list) => list.every((value) => value === tenantId))) return true;
  return bound(text, values, KEYS).some((list) => list.every(isKnown));
}

function learn({ text, values, rows }: Statement, known: Set<unknown>): void {
  for (const row of [...rows, ...(rowsOf(text, values, INSERT) ?? [])])
    for (const key of keysOf(row)) known.add(key);
}

/** Of a row that is read or written; `found` is what a locked key is called. */
function keysOf(row: Record<string, unknown>): unknown[] {
  const isKey = (name: string): boolean =>
    /^(job|execute|owner|delivery|secret|audit)_id$|^found$/.test(name);
  return Object.entries(row).flatMap(([name, value]) => (isKey(name) && value !== '' ? [value] : []));
}

/** The bound values of each condition that the pattern finds. */
function bound(text: string, values: Statement['values'], pattern: RegExp): unknown[][] {
  return [...text.matchAll(pattern)].map(({ 0: condition, index }) => {
    const first = marksIn(text.slice(0, index));
    return values.slice(first, first + marksIn(condition));
  });
}

/** The rows that a statement brings along; null: none, it is of another kind. */
function rowsOf(text: string, values: Statement['values'], kind: RegExp): Record<string, unknown>[] | null {
  const found = kind.exec(text);
  if (found === null) return null;
  const columns = (found[1] ?? found[2] ?? '').split(',').map((one) => one.replace(/\? AS /, '').trim());
  const count = Math.floor(values.length / columns.length);
  return Array.from({ length: count }, (_, n) =>
    Object.fromEntries(columns.map((column, at) => [column, values[n * columns.length + at]])),
  );
}

const marksIn = (text: string): number => text.split('?').length - 1;
