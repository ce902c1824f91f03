import { type MigrationInterface, type QueryRunner } from 'typeorm';

const TABLE = 'ecron_execution';

/** The call that asked for a run, for traces. By a statement: TypeORM would copy the whole table on SQLite. */
export class Trace1770000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    if (await runner.hasColumn(TABLE, 'traceparent')) return;
    await runner.query(`ALTER TABLE ${TABLE} ADD COLUMN traceparent varchar(55)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE ${TABLE} DROP COLUMN traceparent`);
  }
}
