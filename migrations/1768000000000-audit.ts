import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { columnsFor, createTable } from './column-types.js';

/** Who changed what. Rows are added and read, nothing else. */
export class Audit1768000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { text, time, payload } = columnsFor(runner);
    const orNull = { isNullable: true };
    const table = new Table({
      name: 'ecron_audit',
      columns: [
        text('audit_id', 36, { isPrimary: true }),
        text('tenant_id', 255),
        time('at'),
        text('user_id', 255),
        text('client_id', 255),
        text('request_id', 64),
        text('source', 16),
        text('action', 32),
        text('object_kind', 16),
        text('object_id', 64),
        text('before_hash', 64, orNull),
        text('after_hash', 64, orNull),
        payload('fields'),
        text('result', 32),
      ],
      indices: [
        { name: 'ix_audit_tenant', columnNames: ['tenant_id', 'at', 'audit_id'] },
        { name: 'ix_audit_time', columnNames: ['at', 'audit_id'] },
        { name: 'ix_audit_object', columnNames: ['object_id', 'at', 'audit_id'] },
      ],
    });
    await createTable(runner, table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('ecron_audit', true);
  }
}
