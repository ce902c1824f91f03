import { type MigrationInterface, type QueryRunner, Table, TableColumn } from 'typeorm';
import { columnsFor, createTable } from './column-types.js';

/** What is counted where a tenant has quotas. */
export class Quota1769000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { text, time, count } = columnsFor(runner);
    const table = new Table({
      name: 'ecron_quota',
      columns: [
        text('quota_key', 36, { isPrimary: true }),
        time('minute_at', { default: 0 }),
        count('used', { default: 0 }),
      ],
    });
    await createTable(runner, table);
    // MySQL commits each step: a migration that was cut begins anew.
    if (await runner.hasColumn('ecron_cap', 'minute_at')) return;
    await runner.addColumn('ecron_cap', new TableColumn(time('minute_at', { default: 0 })));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('ecron_cap', 'minute_at');
    await runner.dropTable('ecron_quota', true);
  }
}
