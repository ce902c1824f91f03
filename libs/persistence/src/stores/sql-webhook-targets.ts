import { type Execution, type Job, type Notify, webhookHost } from '@ecron/domain';
import { DELIVERIES, writeWhere } from '../sql/row-locks.js';
import { insertIgnore, type Sql, type SqlValue } from '../sql/sql.js';

const COLUMNS = ['owner_id', 'tenant_id', 'url', 'host', 'notify_on', 'is_on', 'gone_at'] as const;
const SET = ['tenant_id', 'url', 'host', 'notify_on', 'is_on', 'gone_at'];

/** The owner of a webhook that a run of no job brings. Callers choose ids of runs: none may be taken for that of a job. */
export const runOwner = (executeId: string): string => `run:${executeId}`;

interface Owner {
  ownerId: string;
  tenantId: string;
  goneAt: number | null;
}

/** Keeps what a job's results are told to as the job says; `before` is the job as it was stored, null for a new one. */
export async function writeWebhook(sql: Sql, job: Job, before: Job | null): Promise<void> {
  const notify = notifyOf(job);
  const known = before === null ? NOBODY : notifyOf(before);
  if (isSame(notify, known)) return;
  const owner = { ownerId: job.jobId, tenantId: job.tenantId, goneAt: null };
  const upsert = { table: 'ecron_webhook', columns: COLUMNS, key: 'owner_id', set: SET };
  await sql.run(sql.dialect.upsert(upsert), valuesOf(owner, notify));
  if (notify.webhook !== known.webhook) await readdress(sql, job.jobId, notify.webhook, job.updatedAt);
}

const NOBODY: Notify = { webhook: '' };
/** A context that no edit of ours can have written may have none. */
function notifyOf(job: Job): Notify {
  const { notify }: { notify?: Notify } = job.context;
  return notify ?? NOBODY;
}

const isSame = (a: Notify, b: Notify): boolean =>
  a.webhook === b.webhook && (a.on ?? 'always') === (b.on ?? 'always') && a.disabled_at === b.disabled_at;

function valuesOf({ ownerId, tenantId, goneAt }: Owner, { webhook, on, disabled_at }: Notify): SqlValue[] {
  const isOn = webhook !== '' && disabled_at === undefined ? 1 : 0;
  return [ownerId, tenantId, webhook, webhookHost(webhook), on ?? 'always', isOn, goneAt];
}

/** What is undelivered goes to where the webhook leads now; where it leads nowhere, it is called off. */
async function readdress(sql: Sql, jobId: string, webhook: string, now: number): Promise<void> {
  const picked = { ...DELIVERIES, where: `owner_id = ? AND status = 'pending'`, values: [jobId] };
  const host = webhookHost(webhook);
  if (host !== '') await writeWhere(sql, picked, { set: 'queue_host = ?', values: [host] });
  else await writeWhere(sql, picked, { set: CALLED_OFF, values: [now] });
}

const CALLED_OFF = `status = 'cancelled', queue_host = '', due_at = NULL, token = '', ended_at = ?,
  error = 'the webhook was cleared'`;

/** Webhooks of jobs that were stored by other means. */
export async function writeAdoptedWebhooks(sql: Sql, jobs: readonly Job[]): Promise<void> {
  const rows = jobs
    .filter((job) => notifyOf(job).webhook !== '')
    .map((job) => valuesOf({ ownerId: job.jobId, tenantId: job.tenantId, goneAt: null }, notifyOf(job)));
  await insertIgnore(sql, 'ecron_webhook', COLUMNS, rows);
}

/** A run of no job tells its end to the webhook of its own context. */
export async function writeRunWebhook(sql: Sql, run: Execution): Promise<void> {
  const notify = run.context?.notify;
  if (run.jobId !== '' || notify === undefined || notify.webhook === '') return;
  const owner = { ownerId: runOwner(run.executeId), tenantId: run.tenantId, goneAt: run.queuedAt };
  await insertIgnore(sql, 'ecron_webhook', COLUMNS, [valuesOf(owner, notify)]);
}

/** The job is deleted: its webhook stays until all is told. */
export async function leaveWebhook(sql: Sql, jobId: string, now: number): Promise<void> {
  await sql.run('UPDATE ecron_webhook SET gone_at = ? WHERE owner_id = ?', [now, jobId]);
}
