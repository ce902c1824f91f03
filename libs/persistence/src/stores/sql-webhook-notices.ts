import {
  type ExecutionState,
  FINAL_STATES,
  isNoticeWanted,
  type NoticeOutcome,
  type NotifyOn,
  outcomeOf,
} from '@ecron/domain';
import { type WebhookRow } from '../rows/index.js';
import { lockRows, WEBHOOKS } from '../sql/row-locks.js';
import { inList, insertIgnore, type Sql, type SqlValue, updateByKey } from '../sql/sql.js';
import { supersedeOldest } from './sql-webhook-cap.js';
import { runOwner } from './sql-webhook-targets.js';

/** An execution that may have ended in this transaction; of no job: `jobId` ''. */
export interface EndedRun {
  jobId: string;
  executeId: string;
}

/**
 * The last thing that a transaction does which writes final states: queues what webhooks are to be told. Of runs that
 * have not ended, and of those that were told, nothing is written. One look by key where no job of these has a webhook.
 */
export async function queueNotices(sql: Sql, runs: readonly EndedRun[], now: number): Promise<void> {
  if (runs.length === 0) return;
  const owners = await findOwners(sql, runs);
  if (owners.size === 0) return;
  await lockRows(sql, WEBHOOKS, [...owners], 'exclusive');
  const ended = await findUntold(
    sql,
    runs.filter((run) => owners.has(ownerOf(run))),
  );
  const webhooks = await readWebhooks(sql, owners);
  for (const [ownerId, own] of byOwner(ended)) {
    const webhook = webhooks.get(ownerId);
    const theirs = own.filter((row) => row.tenant_id === webhook?.tenant_id);
    if (webhook !== undefined && theirs.length > 0) await queueFor(sql, webhook, theirs, now);
  }
}

/** As {@link queueNotices}, for what an edit has interrupted of a job at `now`. */
export async function queueInterrupted(sql: Sql, jobId: string, now: number): Promise<void> {
  if ((await findOwners(sql, [{ jobId, executeId: '' }])).size === 0) return;
  const rows = await sql.all<{ execute_id: string }>(
    `SELECT execute_id FROM ecron_execution WHERE job_id = ? AND state = 'interrupted' AND ended_at = ?`,
    [jobId, now],
  );
  await queueNotices(
    sql,
    rows.map((row) => ({ jobId, executeId: row.execute_id })),
    now,
  );
}

const ownerOf = ({ jobId, executeId }: EndedRun): string => (jobId === '' ? runOwner(executeId) : jobId);

async function findOwners(sql: Sql, runs: readonly EndedRun[]): Promise<Set<string>> {
  const ids = inList([...new Set(runs.map(ownerOf))]);
  const rows = await sql.all<{ owner_id: string }>(
    `SELECT owner_id FROM ecron_webhook WHERE owner_id IN (${ids.marks}) AND is_on = 1`,
    ids.values,
  );
  return new Set(rows.map((row) => row.owner_id));
}

async function readWebhooks(sql: Sql, owners: ReadonlySet<string>): Promise<Map<string, WebhookRow>> {
  const ids = inList([...owners]);
  const rows = await sql.all<WebhookRow>(
    `SELECT * FROM ecron_webhook WHERE owner_id IN (${ids.marks}) AND is_on = 1`,
    ids.values,
  );
  return new Map(rows.map((row) => [row.owner_id, row]));
}

interface EndedRow {
  execute_id: string;
  job_id: string;
  job_version: number;
  tenant_id: string;
  state: ExecutionState;
}

const FINAL = FINAL_STATES.map((state) => `'${state}'`).join(',');

async function findUntold(sql: Sql, runs: readonly EndedRun[]): Promise<EndedRow[]> {
  const ids = inList(runs.map((run) => run.executeId));
  return sql.all<EndedRow>(
    `SELECT e.execute_id, e.job_id, e.job_version, e.tenant_id, e.state FROM ecron_execution e
     LEFT JOIN ecron_webhook_delivery d ON d.delivery_id = e.execute_id
     WHERE e.execute_id IN (${ids.marks}) AND e.state IN (${FINAL}) AND d.delivery_id IS NULL
     ORDER BY e.nominal_at, e.execute_id`,
    ids.values,
  );
}

/** A run that names a job without belonging to it has none to tell for it. */
function byOwner(rows: readonly EndedRow[]): Map<string, EndedRow[]> {
  const groups = new Map<string, EndedRow[]>();
  for (const row of rows.filter((one) => one.job_version > 0 || one.job_id === '')) {
    const owner = row.job_version > 0 ? row.job_id : runOwner(row.execute_id);
    groups.set(owner, [...(groups.get(owner) ?? []), row]);
  }
  return groups;
}

const COLUMNS = [
  'delivery_id',
  'owner_id',
  'job_id',
  'tenant_id',
  'state',
  'sequence',
  'status',
  'queue_host',
  'due_at',
  'created_at',
  'ended_at',
  'error',
] as const;

async function queueFor(sql: Sql, webhook: WebhookRow, ended: EndedRow[], now: number): Promise<void> {
  const notices: SqlValue[][] = [];
  let [sequence, last] = [webhook.sequence, webhook.last_outcome as NoticeOutcome];
  for (const row of ended) {
    if (isNoticeWanted(webhook.notify_on as NotifyOn, row.state, last))
      notices.push(noticeOf(webhook, row, ++sequence, now));
    last = outcomeOf(row.state) || last;
  }
  await insertIgnore(sql, 'ecron_webhook_delivery', COLUMNS, notices);
  const superseded = notices.length === 0 ? 0 : await supersedeOldest(sql, webhook.owner_id, sequence);
  const counted = [webhook.owner_id, sequence, last, webhook.superseded + superseded];
  const columns = ['owner_id', 'sequence', 'last_outcome', 'superseded'];
  await updateByKey(sql, 'ecron_webhook', columns, [counted]);
}

/** What cannot be sent to is on record all the same. */
function noticeOf({ owner_id, host }: WebhookRow, row: EndedRow, sequence: number, now: number): SqlValue[] {
  const isSendable = host !== '';
  return [
    row.execute_id,
    owner_id,
    row.job_id,
    row.tenant_id,
    row.state,
    sequence,
    isSendable ? 'pending' : 'failed',
    host,
    isSendable ? now : null,
    now,
    isSendable ? null : now,
    isSendable ? '' : 'the webhook is not a URL of http or https',
  ];
}
