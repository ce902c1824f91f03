import { Clock } from '@ecron/domain';
import { offBeat } from '@ecron/nodes';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { NOTIFICATION_SETTINGS, type NotificationSettings } from '../notification-settings.js';
import { DeliveryStore } from '../ports/delivery.store.js';

const EVERY_MS = 10_000;
/** To one transaction, of which a clean-up takes some. */
const ROWS_PER_BATCH = 200;
const BATCHES = 10;

/** Keeps the outbox small: deletes what ended long ago, in small batches. */
@Injectable()
export class DeliveryCleaner implements OnApplicationBootstrap {
  private readonly logger = new Logger('Webhooks');
  private isCleaning = false;

  constructor(
    private readonly store: DeliveryStore,
    private readonly clock: Clock,
    @Inject(NOTIFICATION_SETTINGS) private readonly settings: NotificationSettings,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.store.setPendingCap(this.settings.maxPending);
  }

  @Interval(EVERY_MS)
  async tick(): Promise<void> {
    if (this.isCleaning) return;
    this.isCleaning = true;
    await offBeat(this.clock.now());
    await this.clean().catch((error: Error) =>
      this.logger.warn({ event: 'webhook.clean_failed', msg: `old deliveries stay: ${error.message}` }),
    );
    this.isCleaning = false;
  }

  async clean(): Promise<void> {
    const before = this.clock.now() - this.settings.retentionMs;
    for (let batch = 0; batch < BATCHES; batch++)
      if ((await this.store.forget(before, ROWS_PER_BATCH)) < ROWS_PER_BATCH) break;
    await this.store.forgetWebhooks(ROWS_PER_BATCH);
  }
}
