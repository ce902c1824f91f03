import { type QueryRunner, type TableColumnOptions } from 'typeorm';

type More = Partial<TableColumnOptions>;

export function isMysql(runner: QueryRunner): boolean {
  const { type } = runner.connection.options;
  return type === 'mysql' || type === 'mariadb';
}

/** Logical column builders: the only place where a migration may know the database. */
export function columnsFor(runner: QueryRunner) {
  const mysql = isMysql(runner);
  return {
    text: (name: string, length: number, more: More = {}): TableColumnOptions => ({
      name,
      type: 'varchar',
      length: String(length),
      ...more,
    }),
    /** Epoch milliseconds. */
    time: (name: string, more: More = {}): TableColumnOptions => ({ name, type: 'bigint', ...more }),
    count: (name: string, more: More = {}): TableColumnOptions => ({
      name,
      type: mysql ? 'int' : 'integer',
      ...more,
    }),
    /** Up to 16 MB; MySQL's TEXT ends at 65 535 bytes. */
    payload: (name: string, more: More = {}): TableColumnOptions => ({
      name,
      type: mysql ? 'mediumtext' : 'text',
      ...more,
    }),
  };
}
