import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { columnsFor, createTable } from './column-types.js';

const KEY = { isPrimary: true };

/** What is counted where the number of executions of a tenant or a host is capped. */
export class Cap1766000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, caps(runner));
    await createTable(runner, places(runner));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('ecron_cap_place', true);
    await runner.dropTable('ecron_cap', true);
  }
}

function caps(runner: QueryRunner): Table {
  const { text, count } = columnsFor(runner);
  return new Table({
    name: 'ecron_cap',
    columns: [
      text('cap_key', 36, KEY),
      count('used', { default: 0 }),
      count('cap_limit'),
      count('queued', { default: 0 }),
      text('turn', 36, { default: "''" }),
    ],
    indices: [{ name: 'ix_cap_queued', columnNames: ['queued', 'cap_key'] }],
  });
}

function places(runner: QueryRunner): Table {
  const { text, count } = columnsFor(runner);
  return new Table({
    name: 'ecron_cap_place',
    columns: [text('execute_id', 36, KEY), text('cap_key', 36, KEY), count('epoch', KEY)],
    indices: [{ name: 'ix_cap_place_key', columnNames: ['cap_key'] }],
  });
}
