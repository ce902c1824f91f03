import { type Actor } from '@ecron/domain';
import {
  type SecretKind,
  SECRETS_OF_A_KIND,
  type WebhookSecret,
  WebhookSecretStore,
} from '@ecron/notification';
import { type Database } from '../database.js';
import { type WebhookSecretRow } from '../rows/index.js';
import { inList, insertIgnore } from '../sql/sql.js';
import { webhookEntry, writeAudit } from './audit-rows.js';

const COLUMNS = ['secret_id', 'tenant_id', 'kind', 'place', 'sealed', 'public_key', 'created_at'] as const;
const PLACES = Array.from({ length: SECRETS_OF_A_KIND }, (_, n) => n + 1);

export class SqlWebhookSecretStore extends WebhookSecretStore {
  constructor(private readonly database: Database) {
    super();
  }

  /** The unique key on the place bounds them, whoever inserts beside. */
  insert(secret: WebhookSecret, by: Actor): Promise<'stored' | 'too many'> {
    const { secretId, tenantId, kind, sealed, publicKey, createdAt } = secret;
    return this.database.write('edit', async (sql) => {
      for (const place of PLACES) {
        const row = [secretId, tenantId, kind, place, sealed, publicKey, createdAt];
        if ((await insertIgnore(sql, 'ecron_webhook_secret', COLUMNS, [row])) === 0) continue;
        const entry = webhookEntry(by, 'webhook.secret.create', { tenantId, id: secretId }, 'created');
        await writeAudit(sql, [entry], createdAt);
        return 'stored';
      }
      return 'too many';
    });
  }

  async list(tenantIds: readonly string[]): Promise<WebhookSecret[]> {
    const ids = inList(tenantIds);
    const rows = await this.database.read<WebhookSecretRow>(
      `SELECT * FROM ecron_webhook_secret WHERE tenant_id IN (${ids.marks}) ORDER BY created_at, secret_id`,
      ids.values,
    );
    return rows.map(toSecret);
  }

  remove(tenantId: string, secretId: string, now: number, by: Actor): Promise<boolean> {
    const text = 'DELETE FROM ecron_webhook_secret WHERE secret_id = ? AND tenant_id = ?';
    return this.database.write('edit', async (sql) => {
      if ((await sql.run(text, [secretId, tenantId])) === 0) return false;
      const entry = webhookEntry(by, 'webhook.secret.delete', { tenantId, id: secretId }, 'deleted');
      await writeAudit(sql, [entry], now);
      return true;
    });
  }
}

const toSecret = (row: WebhookSecretRow): WebhookSecret => ({
  secretId: row.secret_id,
  tenantId: row.tenant_id,
  kind: row.kind as SecretKind,
  sealed: row.sealed,
  publicKey: row.public_key,
  createdAt: row.created_at,
});
