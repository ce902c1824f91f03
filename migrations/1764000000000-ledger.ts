import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { columnsFor, createTable } from './column-types.js';

const NULLABLE = { isNullable: true };
const KEY = { isPrimary: true };

/** The first schema: jobs with their history, executions, nodes, and what the deployment remembers of itself. */
export class Ledger1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of [jobs, versions, executions, active, nodes, meta]) {
      await createTable(runner, table(runner));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['meta', 'node', 'job_active', 'execution', 'job_version', 'job']) {
      await runner.dropTable(`ecron_${name}`, true);
    }
  }
}

function jobs(runner: QueryRunner): Table {
  const { text, time, count, payload } = columnsFor(runner);
  return new Table({
    name: 'ecron_job',
    columns: [
      text('job_id', 36, KEY),
      text('tenant_id', 255),
      text('name', 64),
      text('type', 16),
      text('schedule', 128),
      text('time_zone', 64),
      text('mode', 16),
      payload('context'),
      payload('policy'),
      time('begin_at', NULLABLE),
      time('end_at', NULLABLE),
      count('enabled'),
      text('remarks', 256),
      count('version'),
      time('next_slot_at', NULLABLE),
      time('anchor_at'),
      time('created_at'),
      time('updated_at'),
    ],
    indices: [
      { name: 'uq_job_tenant_name', columnNames: ['tenant_id', 'name'], isUnique: true },
      { name: 'ix_job_next_slot', columnNames: ['next_slot_at'] },
      { name: 'ix_job_created', columnNames: ['created_at', 'job_id'] },
    ],
  });
}

function versions(runner: QueryRunner): Table {
  const { text, time, count } = columnsFor(runner);
  return new Table({
    name: 'ecron_job_version',
    columns: [
      text('job_id', 36, KEY),
      count('version', KEY),
      text('tenant_id', 255),
      text('schedule', 128),
      text('time_zone', 64),
      text('dst', 16),
      time('begin_at', NULLABLE),
      time('end_at', NULLABLE),
      count('enabled'),
      time('anchor_at'),
      time('valid_from'),
      time('valid_to', NULLABLE),
    ],
  });
}

function executions(runner: QueryRunner): Table {
  const { text, time, count, payload } = columnsFor(runner);
  return new Table({
    name: 'ecron_execution',
    columns: [
      text('execute_id', 36, KEY),
      text('job_id', 36),
      count('job_version'),
      text('tenant_id', 255),
      text('job_name', 64),
      text('job_type', 16),
      payload('context', NULLABLE),
      payload('policy', NULLABLE),
      text('trigger_kind', 16),
      time('slot_at', NULLABLE),
      time('slot_to', NULLABLE),
      time('slot_count', NULLABLE),
      text('state', 16),
      text('reason', 32, { default: "''" }),
      count('epoch', { default: 0 }),
      count('attempt', { default: 0 }),
      count('max_attempts', { default: 0 }),
      time('nominal_at'),
      time('queued_at'),
      time('listed_at'),
      time('due_at', NULLABLE),
      time('misfire_at', NULLABLE),
      text('holder', 36, { default: "''" }),
      text('start_token', 36, { default: "''" }),
      time('begun_at', NULLABLE),
      time('started_at', NULLABLE),
      time('ended_at', NULLABLE),
      time('callback_at', NULLABLE),
      time('cancel_at', NULLABLE),
      text('cancel_reason', 32, { default: "''" }),
      payload('attempts', NULLABLE),
      payload('result', NULLABLE),
      text('error', 1024, { default: "''" }),
    ],
    indices: [
      { name: 'uq_execution_slot', columnNames: ['job_id', 'slot_at'], isUnique: true },
      { name: 'ix_execution_held', columnNames: ['state', 'holder', 'due_at', 'job_id'] },
      { name: 'ix_execution_job', columnNames: ['job_id', 'nominal_at', 'execute_id'] },
      { name: 'ix_execution_tenant', columnNames: ['tenant_id', 'nominal_at', 'execute_id'] },
      { name: 'ix_execution_time', columnNames: ['nominal_at', 'execute_id'] },
      { name: 'ix_execution_job_listed', columnNames: ['job_id', 'listed_at', 'execute_id'] },
      { name: 'ix_execution_tenant_listed', columnNames: ['tenant_id', 'listed_at', 'execute_id'] },
      { name: 'ix_execution_listed', columnNames: ['listed_at', 'execute_id'] },
    ],
  });
}

function active(runner: QueryRunner): Table {
  const { text } = columnsFor(runner);
  return new Table({ name: 'ecron_job_active', columns: [text('job_id', 36, KEY), text('execute_id', 36)] });
}

function nodes(runner: QueryRunner): Table {
  const { text, time, count } = columnsFor(runner);
  return new Table({
    name: 'ecron_node',
    columns: [
      text('node_id', 36, KEY),
      text('name', 255),
      text('role', 16),
      text('version', 64, { default: "''" }),
      time('started_at'),
      time('heartbeat_at'),
      count('capacity'),
      time('hold_until'),
      count('free_capacity'),
      time('skew_ms', { default: 0 }),
      time('highest_time'),
    ],
  });
}

function meta(runner: QueryRunner): Table {
  const { text, payload } = columnsFor(runner);
  return new Table({ name: 'ecron_meta', columns: [text('name', 64, KEY), payload('value')] });
}
