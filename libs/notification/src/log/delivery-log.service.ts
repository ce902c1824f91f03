import { Clock } from '@ecron/domain';
import { actorOf, type Caller, type Page, refuse, scopeOf, writeCursor } from '@ecron/jobs';
import { Inject, Injectable } from '@nestjs/common';
import { NOTIFICATION_SETTINGS, type NotificationSettings } from '../notification-settings.js';
import { DeliveryStore } from '../ports/delivery.store.js';
import { type DeliveryQuery, readDeliveryFilter } from './delivery-query.js';
import { type DeliveryView, showDelivery } from './show-delivery.js';

/** What has become of notices, and the means to send one again. */
@Injectable()
export class DeliveryLogService {
  constructor(
    private readonly store: DeliveryStore,
    private readonly clock: Clock,
    @Inject(NOTIFICATION_SETTINGS) private readonly settings: Pick<NotificationSettings, 'timeZone'>,
  ) {}

  /** Newest first. */
  async list(caller: Caller, query: DeliveryQuery): Promise<Page<DeliveryView>> {
    const filter = readDeliveryFilter(query);
    // One more than asked for tells whether there is a next page.
    const found = await this.store.list(scopeOf(caller), { ...filter, limit: filter.limit + 1 });
    const page = found.slice(0, filter.limit);
    const last = found.length > filter.limit ? page.at(-1) : undefined;
    return {
      items: page.map((delivery) => showDelivery(delivery, this.settings.timeZone)),
      next_cursor: last === undefined ? null : writeCursor([last.createdAt, last.deliveryId]),
    };
  }

  /** Queues it once more under the same id, with all its tries before it. */
  async replay(caller: Caller, deliveryId: string): Promise<DeliveryView> {
    const scope = scopeOf(caller);
    const result = await this.store.replay(scope, deliveryId, this.clock.now(), actorOf(caller));
    if (result === 'no webhook') throw refuse.noWebhook();
    const delivery = result === 'unknown' ? null : await this.store.find(scope, deliveryId);
    if (delivery === null) throw refuse.unknownDelivery();
    return showDelivery(delivery, this.settings.timeZone);
  }
}
