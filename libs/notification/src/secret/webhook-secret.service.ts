import { Clock, formatInstant, NoSealingKeyError, Sealer } from '@ecron/domain';
import { actorOf, type Caller, refuse } from '@ecron/jobs';
import { Inject, Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import { NOTIFICATION_SETTINGS, type NotificationSettings } from '../notification-settings.js';
import {
  SECRET_KINDS,
  type SecretKind,
  SECRETS_OF_A_KIND,
  type WebhookSecret,
  WebhookSecretStore,
} from '../ports/secret.store.js';
import { keyPlace, makeKey } from '../signing/keys.js';

/** A secret as answers show it: never the key. */
export interface SecretView {
  secret_id: string;
  kind: SecretKind;
  /** `whpk_…`, what an ed25519 signature is verified with; '' of a symmetric one. */
  public_key: string;
  created_at: string;
}

/** As the answer to its creation shows it, that once. */
export interface NewSecretView extends SecretView {
  /** `whsec_…`; '' of an ed25519 one, whose key never leaves the service. */
  secret: string;
}

/** What the caller's own tenant signs with. */
@Injectable()
export class WebhookSecretService {
  constructor(
    private readonly secrets: WebhookSecretStore,
    private readonly sealer: Sealer,
    private readonly clock: Clock,
    @Inject(NOTIFICATION_SETTINGS) private readonly settings: Pick<NotificationSettings, 'timeZone'>,
  ) {}

  /** Oldest first. */
  async list({ clientId }: Caller): Promise<SecretView[]> {
    return (await this.secrets.list([clientId])).map((secret) => this.show(secret));
  }

  /** It signs from now on, beside the one before. */
  async create(caller: Caller, kind: string): Promise<NewSecretView> {
    const known = SECRET_KINDS.find((one) => one === kind);
    if (known === undefined) throw refuse.field('kind', `must be one of ${SECRET_KINDS.join(', ')}`);
    const { clientId } = caller;
    const { key, publicKey } = makeKey(known);
    const made = { secretId: newId(), tenantId: clientId, kind: known, publicKey };
    const secret = { ...made, sealed: this.seal(key, clientId), createdAt: this.clock.now() };
    if ((await this.secrets.insert(secret, actorOf(caller))) === 'too many')
      throw refuse.tooManySecrets(SECRETS_OF_A_KIND);
    return { ...this.show(secret), secret: known === 'symmetric' ? key : '' };
  }

  /** It signs nothing any more. */
  async remove(caller: Caller, secretId: string): Promise<void> {
    const now = this.clock.now();
    const isGone = await this.secrets.remove(caller.clientId, secretId, now, actorOf(caller));
    if (!isGone) throw refuse.unknownSecret();
  }

  private seal(key: string, tenantId: string): string {
    try {
      return this.sealer.seal(key, keyPlace(tenantId));
    } catch (error) {
      throw error instanceof NoSealingKeyError ? refuse.request(error.message) : error;
    }
  }

  private show({ secretId, kind, publicKey, createdAt }: WebhookSecret): SecretView {
    return {
      secret_id: secretId,
      kind,
      public_key: publicKey,
      created_at: formatInstant(createdAt, this.settings.timeZone),
    };
  }
}
