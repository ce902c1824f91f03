import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { columnsFor, createTable } from './column-types.js';

const KEY = { isPrimary: true };

/** What commands and pods write: the beginning and the end of each stream of each attempt. */
export class Output1765000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { text, time, count, payload } = columnsFor(runner);
    const table = new Table({
      name: 'ecron_output',
      columns: [
        text('execute_id', 36, KEY),
        count('attempt', KEY),
        text('stream', 8, KEY),
        count('epoch'),
        payload('head'),
        payload('tail'),
        time('total_bytes'),
        time('updated_at'),
      ],
    });
    await createTable(runner, table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('ecron_output', true);
  }
}
