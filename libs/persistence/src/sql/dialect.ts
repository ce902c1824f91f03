/** An update of many rows, each with values of its own: `columns` of `v`, the first of which is the key of `t`. */
export interface KeyedUpdate {
  table: string;
  columns: readonly string[];
  /** The columns that are set, to what `v` brings. */
  set: readonly string[];
  /** Further assignments, which see the table as `t`; empty: none. */
  also: string;
  /** Sees the table as `t` and the row's values as `v`; a row it refuses is left alone. */
  guard: string;
  rows: number;
}

/** An insert of one row that changes an existing one instead. */
export interface Upsert {
  table: string;
  columns: readonly string[];
  key: string;
  /** The columns that an existing row gets anew. */
  set: readonly string[];
}

/** A row lock, held to the end of the transaction. `free rows`: those that nobody has locked, without waiting. */
export type RowLock = 'shared' | 'exclusive' | 'free rows';

/** What the databases spell differently. Values are always bound: texts hold a `?` for each. */
export interface Dialect {
  /**
   * False where one transaction writes at a time: locks are no statements then, and a condition may pick the rows to
   * write. True where many do: they lock in the order job, active row, cap, execution, within a table by primary key, and
   * write by primary key.
   */
  readonly locksRows: boolean;
  /** Rows to one statement. */
  readonly largestChunk: number;
  /** Statements stay prepared by their text: a few lengths shall serve all. */
  readonly keepsStatements: boolean;
  /** "Waits", for statements that name their rows by id: must not make the planner visit every waiting row. */
  readonly isWaiting: string;
  /** The end of a SELECT that locks what it reads; empty where nothing needs locking. */
  lock(kind: RowLock): string;
  /** Whether {@link lock} can pass over what others have locked. */
  readonly skipsLocked: boolean;
  /** After a table's name: the index to go by, where the server may choose a scan, and so wait for every lock. */
  byIndex(name: string): string;
  /** "UPDATE table", of rows that are named by primary key. */
  update(table: string): string;
  /** "DELETE FROM table", of rows that are named by primary key. */
  deleteFrom(table: string): string;
  /** Multi-row insert that leaves rows whose key exists as they are, and counts only the new ones. */
  insertIgnore(table: string, columns: readonly string[], rows: number): string;
  upsert(upsert: Upsert): string;
  updateByKey(update: KeyedUpdate): string;
  /** A unique key has refused a row. */
  isDuplicateKey(error: unknown): boolean;
}

/** `(?,?),(?,?)` */
export function tuples(rows: number, columns: number): string {
  return new Array(rows).fill(`(${marks(columns)})`).join(',');
}

export const marks = (count: number): string => new Array(count).fill('?').join(',');
