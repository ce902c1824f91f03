import { type Actor, type AuditEntry, formatInstant } from '@ecron/domain';
import { type ClaimedDelivery, type ClaimRequest, type Settlement } from '@ecron/notification';
import { type ExecutionRow, type JobRow, type WebhookDeliveryRow } from '../rows/index.js';
import { DELIVERIES, EXECUTIONS, JOBS, lockFree, lockRows, WEBHOOKS, writeWhere } from '../sql/row-locks.js';
import { inList, type Sql, updateByKey } from '../sql/sql.js';
import { jobEntry, webhookEntry, writeAudit } from './audit-rows.js';
import { type FactsRow, JOIN_VERSION, toExecution, toFacts, toJob, VERSION_FACTS } from './mapping.js';
import { toDelivery } from './sql-webhook-mapping.js';

/** By the claim's token: a count does not say which rows were won. */
export async function claimDeliveries(sql: Sql, request: ClaimRequest): Promise<ClaimedDelivery[]> {
  const { host, limit, token, now, leaseUntil } = request;
  const due = await sql.all<{ delivery_id: string }>(
    `SELECT delivery_id FROM ecron_webhook_delivery WHERE queue_host = ? AND due_at <= ? ORDER BY due_at LIMIT ?`,
    [host, now, limit],
  );
  const seen = due.map((row) => row.delivery_id);
  const free = inList(await lockFree(sql, DELIVERIES, seen));
  await sql.run(
    `${sql.dialect.update('ecron_webhook_delivery')} SET due_at = ?, token = ?
     WHERE delivery_id IN (${free.marks}) AND queue_host = ? AND due_at <= ?`,
    [leaseUntil, token, ...free.values, host, now],
  );
  return readClaimed(sql, seen, token);
}

interface ClaimedRow extends WebhookDeliveryRow {
  url: string | null;
  superseded: number | null;
}

async function readClaimed(sql: Sql, seen: readonly string[], token: string): Promise<ClaimedDelivery[]> {
  const ids = inList(seen);
  const rows = await sql.all<ClaimedRow>(
    `SELECT d.*, w.url, w.superseded FROM ecron_webhook_delivery d
     LEFT JOIN ecron_webhook w ON w.owner_id = d.owner_id
     WHERE d.delivery_id IN (${ids.marks}) AND d.token = ? ORDER BY d.created_at, d.sequence`,
    [...ids.values, token],
  );
  const executions = await readExecutions(
    sql,
    rows.map((row) => row.delivery_id),
  );
  return rows.map((row) => {
    const execution = executions.get(row.delivery_id);
    return {
      ...toDelivery(row),
      url: row.url ?? '',
      superseded: row.superseded ?? 0,
      execution: execution === undefined ? null : toExecution(execution),
      facts: execution?.schedule == null ? null : toFacts(execution),
    };
  });
}

type RunRow = ExecutionRow & FactsRow;

async function readExecutions(sql: Sql, executeIds: readonly string[]): Promise<Map<string, RunRow>> {
  if (executeIds.length === 0) return new Map();
  const ids = inList(executeIds);
  const facts = VERSION_FACTS.replace('v.job_id, ', '');
  const rows = await sql.all<RunRow>(
    `SELECT e.*, ${facts} FROM ${EXECUTIONS.table} e ${JOIN_VERSION} WHERE e.execute_id IN (${ids.marks})`,
    ids.values,
  );
  return new Map(rows.map((row) => [row.execute_id, row]));
}

const COLUMNS = [
  'delivery_id',
  'claim_token',
  'status',
  'due_at',
  'ended_at',
  'status_code',
  'error',
  'tries',
];

/** Writes what came of tries; jobs are locked first, since some may lose their webhook. */
export async function settleDeliveries(
  sql: Sql,
  settlements: readonly Settlement[],
  now: number,
): Promise<void> {
  const owners = await findOwners(sql, settlements);
  const gone = ownersOf(settlements, owners, 'gone');
  await lockRows(sql, JOBS, gone, 'exclusive');
  await lockRows(sql, WEBHOOKS, [...owners.values()], 'exclusive');
  await updateByKey(
    sql,
    'ecron_webhook_delivery',
    COLUMNS,
    settlements.map((settlement) => rowOf(settlement, now)),
    {
      guard: `t.token = v.claim_token AND t.status = 'pending'`,
      set: COLUMNS.slice(2, -1),
      also: `attempt = t.attempt + v.tries, token = '', queue_host = CASE WHEN v.status = 'pending' THEN t.queue_host ELSE '' END`,
    },
  );
  await noteHealth(sql, settlements, owners, now);
  for (const owner of gone) {
    const last = settlements.find(
      (one) => one.verdict.kind === 'gone' && owners.get(one.deliveryId) === owner,
    );
    await disable(sql, owner, receiverOf(last?.deliveryId ?? ''), now);
  }
}

type Owners = ReadonlyMap<string, string>;

async function findOwners(sql: Sql, settlements: readonly Settlement[]): Promise<Owners> {
  const ids = inList(settlements.map(({ deliveryId }) => deliveryId));
  const rows = await sql.all<{ delivery_id: string; owner_id: string }>(
    `SELECT delivery_id, owner_id FROM ecron_webhook_delivery WHERE delivery_id IN (${ids.marks})`,
    ids.values,
  );
  return new Map(rows.map((row) => [row.delivery_id, row.owner_id]));
}

function ownersOf(
  settlements: readonly Settlement[],
  owners: Owners,
  ...kinds: Settlement['verdict']['kind'][]
): string[] {
  const some = settlements.filter(({ verdict }) => kinds.includes(verdict.kind));
  return [...new Set(some.flatMap(({ deliveryId }) => owners.get(deliveryId) ?? []))].sort();
}

const STATUS = {
  delivered: 'delivered',
  again: 'pending',
  'given up': 'failed',
  gone: 'failed',
  'given back': 'pending',
} as const;

function rowOf({ deliveryId, token, verdict, statusCode, error }: Settlement, now: number) {
  const status = STATUS[verdict.kind];
  const dueAt = verdict.kind === 'again' ? verdict.dueAt : status === 'pending' ? now : null;
  const endedAt = status === 'pending' ? null : now;
  const tries = verdict.kind === 'given back' ? 0 : 1;
  return [deliveryId, token, status, dueAt, endedAt, statusCode, error, tries];
}

/** The first success after failures makes everything due that waits for the receiver. */
async function noteHealth(
  sql: Sql,
  settlements: readonly Settlement[],
  owners: Owners,
  now: number,
): Promise<void> {
  const failing = ownersOf(settlements, owners, 'again', 'given up');
  const well = ownersOf(settlements, owners, 'delivered');
  const back = await findFailing(sql, well);
  await setFailing(
    sql,
    failing.filter((owner) => !well.includes(owner)),
    now,
  );
  await setFailing(sql, back, null);
  const where = `status = 'pending' AND token = '' AND due_at > ? AND owner_id = ?`;
  for (const owner of back)
    await writeWhere(
      sql,
      { ...DELIVERIES, where, values: [now, owner] },
      { set: 'due_at = ?', values: [now] },
    );
}

async function findFailing(sql: Sql, owners: readonly string[]): Promise<string[]> {
  if (owners.length === 0) return [];
  const ids = inList(owners);
  const rows = await sql.all<{ owner_id: string }>(
    `SELECT owner_id FROM ecron_webhook WHERE owner_id IN (${ids.marks}) AND failing_since IS NOT NULL`,
    ids.values,
  );
  return rows.map((row) => row.owner_id);
}

async function setFailing(sql: Sql, owners: readonly string[], since: number | null): Promise<void> {
  const guard = since === null ? '' : 't.failing_since IS NULL';
  await updateByKey(
    sql,
    'ecron_webhook',
    ['owner_id', 'failing_since'],
    owners.map((owner) => [owner, since]),
    { guard },
  );
}

const GIVEN_UP = `status = 'failed', queue_host = '', due_at = NULL, token = '', ended_at = ?,
  error = 'the webhook is disabled: its receiver answered 410'`;

/** Whoever answered 410. */
const receiverOf = (deliveryId: string): Actor => ({
  userId: '',
  clientId: '',
  requestId: deliveryId,
  source: 'target',
});

/** Its job shows it; whoever sets the webhook anew turns it on again. */
async function disable(sql: Sql, ownerId: string, by: Actor, now: number): Promise<void> {
  const disabled = await sql.run('UPDATE ecron_webhook SET is_on = 0 WHERE owner_id = ? AND is_on = 1', [
    ownerId,
  ]);
  const picked = { ...DELIVERIES, where: `owner_id = ? AND status = 'pending'`, values: [ownerId] };
  await writeWhere(sql, picked, { set: GIVEN_UP, values: [now] });
  // Another answer to what was under way, or to a webhook that was cleared meanwhile, changes nothing more.
  if (disabled === 0) return;
  const [job] = await sql.all<JobRow>('SELECT * FROM ecron_job WHERE job_id = ?', [ownerId]);
  const entry = job === undefined ? await entryOf(sql, ownerId, by) : await showDisabled(sql, job, by, now);
  await writeAudit(sql, [entry], now);
}

/** Of a webhook without a job. */
async function entryOf(sql: Sql, ownerId: string, by: Actor): Promise<AuditEntry> {
  const [row] = await sql.all<{ tenant_id: string }>(
    'SELECT tenant_id FROM ecron_webhook WHERE owner_id = ?',
    [ownerId],
  );
  const object = { tenantId: row?.tenant_id ?? '', id: ownerId };
  return webhookEntry(by, 'webhook.disable', object, 'changed');
}

async function showDisabled(sql: Sql, row: JobRow, by: Actor, now: number): Promise<AuditEntry> {
  const context = withDisabled(row.context, now);
  await sql.run('UPDATE ecron_job SET context = ? WHERE job_id = ?', [context, row.job_id]);
  const change = { before: toJob(row), after: toJob({ ...row, context }) };
  return { ...jobEntry(by, 'job.notify', change), action: 'webhook.disable' };
}

function withDisabled(text: string, now: number): string {
  const context = JSON.parse(text) as { notify: object };
  const notify = { ...context.notify, disabled_at: formatInstant(now, 'UTC') };
  return JSON.stringify({ ...context, notify });
}
