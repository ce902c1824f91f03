import { Sealer } from '@ecron/domain';
import { Injectable, Logger } from '@nestjs/common';
import { WebhookSecretStore } from '../ports/secret.store.js';
import { keyPlace } from './keys.js';
import { type SigningKey } from './sign.js';

/** The keys of tenants, opened. */
@Injectable()
export class Signer {
  private readonly logger = new Logger('Webhooks');

  constructor(
    private readonly secrets: WebhookSecretStore,
    private readonly sealer: Sealer,
  ) {}

  /**
   * Of each tenant that has a secret, all that hold. One that cannot be opened leaves its tenant out, with null: what
   * should be signed must not go out without.
   */
  async keysOf(tenantIds: readonly string[]): Promise<Map<string, SigningKey[] | null>> {
    const keys = new Map<string, SigningKey[] | null>();
    for (const { tenantId, secretId, kind, sealed } of await this.secrets.list(tenantIds)) {
      const key = this.open(secretId, sealed, tenantId);
      const known = keys.get(tenantId);
      keys.set(tenantId, key === null || known === null ? null : [...(known ?? []), { kind, key }]);
    }
    return keys;
  }

  private open(secretId: string, sealed: string, tenantId: string): string | null {
    try {
      return this.sealer.open(sealed, keyPlace(tenantId));
    } catch {
      this.logger.error({
        event: 'webhook.secret_unopenable',
        secret_id: secretId,
        msg: `webhook secret ${secretId} cannot be opened: deliveries of its tenant wait`,
      });
      return null;
    }
  }
}
