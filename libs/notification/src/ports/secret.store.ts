import { type Actor } from '@ecron/domain';

/** `symmetric`: HMAC-SHA256, `v1`. `ed25519`: the receiver needs the public key only, `v1a`. */
export const SECRET_KINDS = ['symmetric', 'ed25519'] as const;
export type SecretKind = (typeof SECRET_KINDS)[number];

/** So many of a kind hold at a time, so that one can be exchanged while the other is in use. */
export const SECRETS_OF_A_KIND = 2;

export interface WebhookSecret {
  secretId: string;
  tenantId: string;
  kind: SecretKind;
  /** The key, as the sealer gave it. */
  sealed: string;
  /** `whpk_…`; '' of a symmetric one. */
  publicKey: string;
  createdAt: number;
}

/** What deliveries are signed with. What changes them is on record with its actor, in the same transaction. */
export abstract class WebhookSecretStore {
  /** Writes nothing where the tenant has {@link SECRETS_OF_A_KIND} of the kind. */
  abstract insert(secret: WebhookSecret, by: Actor): Promise<'stored' | 'too many'>;
  /** Of the tenants, oldest first. */
  abstract list(tenantIds: readonly string[]): Promise<WebhookSecret[]>;
  /** False: the tenant has no such secret. */
  abstract remove(tenantId: string, secretId: string, now: number, by: Actor): Promise<boolean>;
}
