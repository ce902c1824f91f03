import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { columnsFor, createTable } from './column-types.js';

const KEY = { isPrimary: true };
const EMPTY = { default: "''" };
const ZERO = { default: 0 };
const OR_NULL = { isNullable: true };
const JOBS_PER_READ = 500;

/** Whom to tell how runs end, what is to be told, and what it is signed with. */
export class Webhook1767000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, webhooks(runner));
    await createTable(runner, deliveries(runner));
    await createTable(runner, secrets(runner));
    await fillWebhooks(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('ecron_webhook_secret', true);
    await runner.dropTable('ecron_webhook_delivery', true);
    await runner.dropTable('ecron_webhook', true);
  }
}

function webhooks(runner: QueryRunner): Table {
  const { text, time, count, payload } = columnsFor(runner);
  return new Table({
    name: 'ecron_webhook',
    columns: [
      text('owner_id', 40, KEY),
      text('tenant_id', 255),
      payload('url'),
      text('host', 255),
      text('notify_on', 8),
      count('is_on'),
      time('sequence', ZERO),
      text('last_outcome', 16, EMPTY),
      time('superseded', ZERO),
      time('failing_since', OR_NULL),
      time('gone_at', OR_NULL),
    ],
    indices: [{ name: 'ix_webhook_gone', columnNames: ['gone_at', 'owner_id'] }],
  });
}

function deliveries(runner: QueryRunner): Table {
  const { text, time, count } = columnsFor(runner);
  const newest = ['created_at', 'delivery_id'];
  return new Table({
    name: 'ecron_webhook_delivery',
    columns: [
      text('delivery_id', 36, KEY),
      text('owner_id', 40),
      text('job_id', 36),
      text('tenant_id', 255),
      text('state', 16),
      time('sequence'),
      text('status', 16),
      count('attempt', ZERO),
      text('queue_host', 255, EMPTY),
      time('due_at', OR_NULL),
      text('token', 36, EMPTY),
      time('created_at'),
      time('ended_at', OR_NULL),
      count('status_code', OR_NULL),
      text('error', 255, EMPTY),
    ],
    indices: [
      { name: 'ix_delivery_queue', columnNames: ['queue_host', 'due_at'] },
      { name: 'ix_delivery_owner', columnNames: ['owner_id', 'status', 'sequence'] },
      { name: 'ix_delivery_tenant', columnNames: ['tenant_id', ...newest] },
      { name: 'ix_delivery_job', columnNames: ['job_id', ...newest] },
      { name: 'ix_delivery_time', columnNames: newest },
      { name: 'ix_delivery_ended', columnNames: ['ended_at'] },
    ],
  });
}

function secrets(runner: QueryRunner): Table {
  const { text, time, count, payload } = columnsFor(runner);
  return new Table({
    name: 'ecron_webhook_secret',
    columns: [
      text('secret_id', 36, KEY),
      text('tenant_id', 255),
      text('kind', 16),
      count('place'),
      payload('sealed'),
      text('public_key', 64),
      time('created_at'),
    ],
    indices: [
      { name: 'uq_webhook_secret_place', columnNames: ['tenant_id', 'kind', 'place'], isUnique: true },
    ],
  });
}

interface StoredJob {
  job_id: string;
  tenant_id: string;
  context: string;
}

/** Jobs had webhooks before anything called them. Begins anew where it was cut. */
async function fillWebhooks(runner: QueryRunner): Promise<void> {
  await runner.query('DELETE FROM ecron_webhook');
  for (let after: string | undefined = ''; after !== undefined;) {
    const jobs = (await runner.query(
      `SELECT job_id, tenant_id, context FROM ecron_job WHERE job_id > ? ORDER BY job_id LIMIT ${JOBS_PER_READ}`,
      [after],
    )) as StoredJob[];
    for (const job of jobs) await fill(runner, job);
    after = jobs.at(-1)?.job_id;
  }
}

async function fill(runner: QueryRunner, { job_id, tenant_id, context }: StoredJob): Promise<void> {
  const url = webhookOf(context);
  if (url === '') return;
  await runner.query(
    `INSERT INTO ecron_webhook (owner_id, tenant_id, url, host, notify_on, is_on) VALUES (?, ?, ?, ?, 'always', 1)`,
    [job_id, tenant_id, url, hostOf(url)],
  );
}

/** A context that cannot be read fails its runs, not the migration. */
function webhookOf(context: string): string {
  try {
    const { notify } = JSON.parse(context) as { notify?: { webhook?: unknown } | null };
    return typeof notify?.webhook === 'string' ? notify.webhook : '';
  } catch {
    return '';
  }
}

function hostOf(webhook: string): string {
  const url = URL.parse(webhook);
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  return isHttp && url.host.length <= 255 ? url.host : '';
}
