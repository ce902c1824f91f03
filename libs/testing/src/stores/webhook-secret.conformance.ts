import { type WebhookSecret } from '@ecron/notification';
import { SOMEBODY } from './fixtures.js';
import { Stage } from './stage.js';
import { type OpenStores } from './stores-under-test.js';

export function webhookSecretConformance(open: OpenStores): void {
  describe('webhook secrets', () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.open(open);
    });
    afterEach(() => stage.close());

    const secret = (secretId: string, own: Partial<WebhookSecret> = {}): WebhookSecret => ({
      secretId,
      tenantId: 'tenant-a',
      kind: 'symmetric',
      sealed: `sealed ${secretId}`,
      publicKey: '',
      createdAt: stage.now,
      ...own,
    });
    const insert = (secretId: string, own: Partial<WebhookSecret> = {}) =>
      stage.stores.webhookSecrets.insert(secret(secretId, own), SOMEBODY);

    it('are listed as they were written, of the tenants that are asked for', async () => {
      await insert('1');
      await insert('2', { tenantId: 'tenant-b', kind: 'ed25519', publicKey: 'whpk_x' });
      await insert('3', { tenantId: 'tenant-c' });
      expect(await stage.stores.webhookSecrets.list(['tenant-a', 'tenant-b', 'nobody'])).toEqual([
        secret('1'),
        secret('2', { tenantId: 'tenant-b', kind: 'ed25519', publicKey: 'whpk_x' }),
      ]);
    });

    it('are two of a kind at most, however many are made at once', async () => {
      const results = await Promise.all(['1', '2', '3', '4'].map((id) => insert(id)));
      expect(results.sort()).toEqual(['stored', 'stored', 'too many', 'too many']);
      expect(await insert('5', { kind: 'ed25519' })).toBe('stored');
      expect(await insert('6', { tenantId: 'tenant-b' })).toBe('stored');
    });

    it('make room for another where one is removed, by its own tenant only', async () => {
      await insert('1');
      await insert('2');
      expect(await stage.stores.webhookSecrets.remove('tenant-b', '1', stage.now, SOMEBODY)).toBe(false);
      expect(await stage.stores.webhookSecrets.remove('tenant-a', '1', stage.now, SOMEBODY)).toBe(true);
      expect(await insert('3')).toBe('stored');
      const left = await stage.stores.webhookSecrets.list(['tenant-a']);
      expect(left.map((one) => one.secretId)).toEqual(['2', '3']);
    });

    it('are on record when they are made and removed', async () => {
      await insert('1');
      await stage.stores.webhookSecrets.remove('tenant-b', '1', stage.now, SOMEBODY);
      await stage.stores.webhookSecrets.remove('tenant-a', '1', stage.now, SOMEBODY);
      const rows = await stage.stores.query('SELECT action, object_id, tenant_id FROM ecron_audit', []);
      expect(rows.map((row) => row['action']).sort()).toEqual([
        'webhook.secret.create',
        'webhook.secret.delete',
      ]);
      expect(rows).toContainEqual({ action: 'webhook.secret.create', object_id: '1', tenant_id: 'tenant-a' });
    });
  });
}
