import { refuse } from '@ecron/jobs';

/** A query as it is parsed: a repeated name is a list. */
export type RawQuery = Record<string, string | string[] | undefined>;

/** The first value of a name. */
export function first(query: RawQuery, name: string): string | undefined {
  const value = query[name];
  return Array.isArray(value) ? value[0] : value;
}

/** All values of a name. */
export function all(query: RawQuery, name: string): string[] {
  const value = query[name];
  return value === undefined ? [] : [value].flat();
}

/** Calls that old clients do not know take no names but their own: a misspelt filter must not widen a list. */
export function refuseOthers(query: RawQuery, names: readonly string[]): void {
  const unknown = Object.keys(query).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw refuse.fields(unknown, `Unknown query parameters: ${unknown.join(', ')}`);
}
