import { type QueryRunner, type Table, type TableColumnOptions } from 'typeorm';

type More = Partial<TableColumnOptions>;

export function isMysql(runner: QueryRunner): boolean {
  const { type } = runner.connection.options;
  return type === 'mysql' || type === 'mariadb';
}

/** Names and ids compare byte by byte, whatever the server's default is; rows of 3 072 bytes of key fit. */
const MYSQL_TABLE = 'InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

/** Creates the table unless it is there: MySQL commits each, so a migration that was cut begins anew. */
export async function createTable(runner: QueryRunner, table: Table): Promise<void> {
  if (isMysql(runner)) table.engine = MYSQL_TABLE;
  await runner.createTable(table, true);
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
