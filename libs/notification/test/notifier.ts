import { type Clock, type Job } from '@ecron/domain';
import { TargetGuard } from '@ecron/execution';
import { type Caller } from '@ecron/jobs';
import { DeliveryCleaner } from '../src/delivery/delivery-cleaner.service.js';
import { Deliverer } from '../src/delivery/deliverer.service.js';
import { WebhookSender } from '../src/delivery/webhook-sender.js';
import { DeliveryLogService } from '../src/log/delivery-log.service.js';
import { WebhookTestService } from '../src/log/webhook-test.service.js';
import { type NotificationSettings } from '../src/notification-settings.js';
import { type DeliveryStore } from '../src/ports/delivery.store.js';
import { type WebhookSecretStore } from '../src/ports/secret.store.js';
import { WebhookSecretService } from '../src/secret/webhook-secret.service.js';
import { Signer } from '../src/signing/signer.service.js';
import { PlainSealer } from './plain-sealer.js';

export const ALICE: Caller = {
  userId: 'alice',
  clientId: 'tenant-a',
  isAdmin: false,
  requestId: 'call-1',
};

export const contextWith = (webhook: string): Job['context'] => ({
  mode: 'http',
  exec: 'http://target.test/',
  info: { method: 'POST', params: null, headers: null, body: null, kubernetes: null },
  notify: { webhook },
  begin_at: '',
  end_at: '',
  execute_id: '',
});

interface Stores {
  deliveries: DeliveryStore;
  webhookSecrets: WebhookSecretStore;
}

/** What one node tells results with, over the stores of a test. */
export class Notifier {
  readonly guard: TargetGuard;
  readonly deliverer: Deliverer;
  readonly secrets: WebhookSecretService;
  readonly log: DeliveryLogService;
  readonly tests: WebhookTestService;
  readonly cleaner: DeliveryCleaner;

  constructor(stores: Stores, clock: Clock, own: Partial<NotificationSettings> = {}) {
    this.guard = own.guard ?? new TargetGuard();
    const settings: NotificationSettings = {
      version: '1.2.3',
      guard: this.guard,
      tls: {},
      timeZone: 'UTC',
      concurrency: 100,
      hostConcurrency: 20,
      maxPending: 1_000,
      retentionMs: 604_800_000,
      timeoutMs: 2_000,
      ...own,
    };
    const sealer = new PlainSealer();
    const signer = new Signer(stores.webhookSecrets, sealer);
    const sender = new WebhookSender(settings);
    this.deliverer = new Deliverer(stores.deliveries, signer, sender, clock, settings);
    this.secrets = new WebhookSecretService(stores.webhookSecrets, sealer, clock, settings);
    this.log = new DeliveryLogService(stores.deliveries, clock, settings);
    this.tests = new WebhookTestService(stores.deliveries, signer, sender, clock, settings);
    this.cleaner = new DeliveryCleaner(stores.deliveries, clock, settings);
  }

  /** Sends what is due now, and writes what came of it. */
  async round(): Promise<void> {
    await this.deliverer.look();
    await this.deliverer.idle();
    await this.deliverer.look();
  }

  /** Of the newest deliveries: [status, tries, error]. */
  async states(): Promise<[string, number, string][]> {
    const { items } = await this.log.list(ALICE, { limit: '500' });
    return items.map(({ status, attempt, error }) => [status, attempt, error]);
  }

  stop(): Promise<void> {
    return this.deliverer.stop();
  }
}
