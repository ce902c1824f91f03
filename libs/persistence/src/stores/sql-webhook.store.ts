import { type Actor, type TenantScope, webhookHost } from '@ecron/domain';
import {
  type ClaimedDelivery,
  type ClaimRequest,
  type Delivery,
  type DeliveryFilter,
  DeliveryStore,
  type ReplayResult,
  type Settlement,
} from '@ecron/notification';
import { type Database } from '../database.js';
import { type WebhookDeliveryRow } from '../rows/index.js';
import { DELIVERIES, lockRows, WEBHOOKS } from '../sql/row-locks.js';
import { inList, type Sql } from '../sql/sql.js';
import { webhookEntry, writeAudit } from './audit-rows.js';
import { inScope } from './mapping.js';
import { writePendingCap } from './sql-webhook-cap.js';
import { toDelivery } from './sql-webhook-mapping.js';
import { claimDeliveries, settleDeliveries } from './sql-webhook-queue.js';
import { Where } from './where.js';

/** Nothing that is still to end, of the job or of the run itself. */
const ALL_TOLD = `NOT EXISTS (SELECT 1 FROM ecron_webhook_delivery d WHERE d.owner_id = w.owner_id)
  AND NOT EXISTS (SELECT 1 FROM ecron_execution e
    WHERE e.job_id = w.owner_id AND e.state IN ('waiting', 'running', 'accepted'))
  AND NOT EXISTS (SELECT 1 FROM ecron_execution e
    WHERE e.execute_id = SUBSTR(w.owner_id, 5) AND e.state IN ('waiting', 'running', 'accepted'))`;

export class SqlDeliveryStore extends DeliveryStore {
  constructor(private readonly database: Database) {
    super();
  }

  /** By one step through the index for each. */
  async pendingHosts(after: string, limit: number): Promise<string[]> {
    const hosts: string[] = [];
    for (let last: string | undefined = after; last !== undefined && hosts.length < limit;) {
      const [row]: { queue_host: string }[] = await this.database.read(
        'SELECT queue_host FROM ecron_webhook_delivery WHERE queue_host > ? ORDER BY queue_host LIMIT 1',
        [last],
      );
      last = row?.queue_host;
      if (last !== undefined) hosts.push(last);
    }
    return hosts;
  }

  async claim(request: ClaimRequest): Promise<ClaimedDelivery[]> {
    const due = await this.database.read(
      'SELECT 1 FROM ecron_webhook_delivery WHERE queue_host = ? AND due_at <= ? LIMIT 1',
      [request.host, request.now],
    );
    if (due.length === 0) return [];
    return this.database.write('routine', (sql) => claimDeliveries(sql, request));
  }

  async settle(settlements: readonly Settlement[], now: number): Promise<void> {
    await this.database.write('routine', (sql) => settleDeliveries(sql, settlements, now));
  }

  async list(scope: TenantScope, filter: DeliveryFilter): Promise<Delivery[]> {
    const where = new Where(scope);
    if (filter.jobId !== undefined) where.and('e.job_id = ?', filter.jobId);
    if (filter.status !== undefined) where.and('e.status = ?', filter.status);
    if (filter.from !== undefined) where.and('e.created_at >= ?', filter.from);
    if (filter.to !== undefined) where.and('e.created_at < ?', filter.to);
    if (filter.after !== undefined) {
      const { createdAt, deliveryId } = filter.after;
      where
        .and('e.created_at <= ?', createdAt)
        .and('(e.created_at < ? OR e.delivery_id < ?)', createdAt, deliveryId);
    }
    const rows = await this.database.browse<WebhookDeliveryRow>(
      `SELECT e.* FROM ecron_webhook_delivery e WHERE ${where.sql} ORDER BY e.created_at DESC, e.delivery_id DESC LIMIT ?`,
      [...where.values, filter.limit],
    );
    return rows.map(toDelivery);
  }

  async find(scope: TenantScope, deliveryId: string): Promise<Delivery | null> {
    const row = await findRow((text, values) => this.database.browse(text, values), scope, deliveryId);
    return row === undefined ? null : toDelivery(row);
  }

  replay(scope: TenantScope, deliveryId: string, now: number, by: Actor): Promise<ReplayResult> {
    return this.database.write('edit', async (sql) => {
      const row = await findRow((text, values) => sql.all(text, values), scope, deliveryId);
      if (row === undefined) return 'unknown';
      await lockRows(sql, WEBHOOKS, [row.owner_id], 'exclusive');
      const host = await findOpenHost(sql, row.owner_id);
      if (host === '') return 'no webhook';
      // What is being sent has its chance; afterwards it is queued as any other.
      const queued = await sql.run(
        `UPDATE ecron_webhook_delivery SET status = 'pending', queue_host = ?, due_at = ?, attempt = 0, ended_at = NULL,
           status_code = NULL, error = '' WHERE delivery_id = ? AND token = ''`,
        [host, now, deliveryId],
      );
      const object = { tenantId: row.tenant_id, id: deliveryId };
      if (queued > 0) await writeAudit(sql, [webhookEntry(by, 'webhook.replay', object, 'queued')], now);
      return 'queued';
    });
  }

  async findWebhook(scope: TenantScope, jobId: string): Promise<{ url: string; tenantId: string } | null> {
    const tenant = inScope(scope, 'j');
    const [row] = await this.database.browse<{ tenant_id: string; url: string | null }>(
      `SELECT j.tenant_id, w.url FROM ecron_job j LEFT JOIN ecron_webhook w ON w.owner_id = j.job_id
       WHERE j.job_id = ? AND ${tenant.sql}`,
      [jobId, ...tenant.values],
    );
    return row === undefined ? null : { url: row.url ?? '', tenantId: row.tenant_id };
  }

  async forget(endedBefore: number, limit: number): Promise<number> {
    const rows = await this.database.read<{ delivery_id: string }>(
      'SELECT delivery_id FROM ecron_webhook_delivery WHERE ended_at < ? ORDER BY ended_at LIMIT ?',
      [endedBefore, limit],
    );
    if (rows.length === 0) return 0;
    const ids = inList(rows.map((row) => row.delivery_id).sort());
    return this.database.write('routine', (sql) =>
      sql.run(
        `${sql.dialect.deleteFrom(DELIVERIES.table)} WHERE delivery_id IN (${ids.marks}) AND ended_at < ?`,
        [...ids.values, endedBefore],
      ),
    );
  }

  async forgetWebhooks(limit: number): Promise<number> {
    const rows = await this.database.read<{ owner_id: string }>(
      `SELECT w.owner_id FROM ecron_webhook w WHERE w.gone_at > 0 AND ${ALL_TOLD} ORDER BY w.gone_at LIMIT ?`,
      [limit],
    );
    if (rows.length === 0) return 0;
    const ids = inList(rows.map((row) => row.owner_id).sort());
    return this.database.write('routine', (sql) =>
      sql.run(
        `${sql.dialect.deleteFrom(WEBHOOKS.table)} WHERE owner_id IN (${ids.marks}) AND gone_at > 0`,
        ids.values,
      ),
    );
  }

  async setPendingCap(cap: number): Promise<void> {
    await this.database.write('edit', (sql) => writePendingCap(sql, cap));
  }
}

async function findRow(
  all: (text: string, values: (string | number | null)[]) => Promise<WebhookDeliveryRow[]>,
  scope: TenantScope,
  deliveryId: string,
): Promise<WebhookDeliveryRow | undefined> {
  const where = new Where(scope).and('e.delivery_id = ?', deliveryId);
  const [row] = await all(`SELECT e.* FROM ecron_webhook_delivery e WHERE ${where.sql}`, where.values);
  return row;
}

/** '' where nothing may be sent. */
async function findOpenHost(sql: Sql, ownerId: string): Promise<string> {
  const [row] = await sql.all<{ url: string; is_on: number }>(
    'SELECT url, is_on FROM ecron_webhook WHERE owner_id = ?',
    [ownerId],
  );
  return row?.is_on === 1 ? webhookHost(row.url) : '';
}
