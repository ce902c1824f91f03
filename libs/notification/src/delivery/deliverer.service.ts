import { randomUUID } from 'node:crypto';
import { Clock } from '@ecron/domain';
import { offBeat } from '@ecron/nodes';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { NOTIFICATION_SETTINGS, type NotificationSettings } from '../notification-settings.js';
import { type ClaimedDelivery, DeliveryStore, type Settlement } from '../ports/delivery.store.js';
import { Signer } from '../signing/signer.service.js';
import { type SigningKey, webhookHeaders } from '../signing/sign.js';
import { composeNotice } from './compose-notice.js';
import { judgeTry, type TryResult } from './judge-try.js';
import { Places } from './places.js';
import { type Sent, WebhookSender } from './webhook-sender.js';

const LOOK_MS = 1_000;
/** Longer than a try and the writing of what came of it. */
const LEASE_MS = 60_000;
/** The next look goes on behind these. */
const HOSTS_PER_LOOK = 100;
/** How long a stop waits for what is being sent. */
const STOP_GRACE_MS = 3_000;

/**
 * Sends what is due in the outbox. Each node claims its own, by host and within bounds, so that a receiver that is dead
 * or slow keeps up nobody else's; nothing of it touches a schedule or a run.
 */
@Injectable()
export class Deliverer {
  private readonly logger = new Logger('Webhooks');
  private readonly places: Places;
  private readonly settled: Settlement[] = [];
  private readonly sending = new Set<Promise<void>>();
  private readonly cut = new AbortController();
  private looking: Promise<void> | null = null;
  private isAskedAgain = false;
  private isStopping = false;
  /** The next look begins behind it; '': with the first of all. */
  private lastHost = '';

  constructor(
    private readonly store: DeliveryStore,
    private readonly signer: Signer,
    private readonly sender: WebhookSender,
    private readonly clock: Clock,
    @Inject(NOTIFICATION_SETTINGS) private readonly settings: NotificationSettings,
  ) {
    this.places = new Places(settings.concurrency, settings.hostConcurrency);
  }

  @Interval(LOOK_MS)
  async tick(): Promise<void> {
    await offBeat(this.clock.now());
    await this.look();
  }

  /** Writes what has come of deliveries, and sends what is due and has a place. Resolves when it is on its way. */
  look(): Promise<void> {
    this.isAskedAgain = true;
    this.looking ??= this.lookAsLongAsAsked();
    return this.looking;
  }

  /** Resolves when what is on its way now has been answered. */
  async idle(): Promise<void> {
    await Promise.all(this.sending);
  }

  /** What is being sent gets `graceMs`; the rest is given back. Idempotent. */
  async stop(graceMs = STOP_GRACE_MS): Promise<void> {
    this.isStopping = true;
    const grace = setTimeout(() => this.cut.abort(), graceMs);
    await this.look();
    await this.idle();
    clearTimeout(grace);
    await this.look();
    await this.sender.close();
  }

  private async lookAsLongAsAsked(): Promise<void> {
    while (this.isAskedAgain) {
      this.isAskedAgain = false;
      await this.lookOnce().catch((error: Error) =>
        this.logger.warn({ event: 'webhook.look_failed', msg: `webhooks wait: ${error.message}` }),
      );
    }
    this.looking = null;
  }

  private async lookOnce(): Promise<void> {
    await this.writeSettled();
    await this.claimAll();
  }

  private async writeSettled(): Promise<void> {
    const batch = this.settled.splice(0);
    if (batch.length === 0) return;
    try {
      await this.store.settle(batch, this.clock.now());
    } catch (error) {
      // Bounded by what can be claimed before the leases of these lapse.
      this.settled.unshift(...batch);
      throw error;
    }
  }

  private async claimAll(): Promise<void> {
    if (this.places.isFull || this.isStopping) return;
    const hosts = await this.nextHosts();
    for (const host of hosts) {
      this.lastHost = host;
      await this.claimFor(host);
      if (this.places.isFull) return;
    }
    if (hosts.length < HOSTS_PER_LOOK) this.lastHost = '';
  }

  /** All round from where places had run out: hosts that hold them for long are not to have every one that comes free. */
  private async nextHosts(): Promise<string[]> {
    const behind = await this.store.pendingHosts(this.lastHost, HOSTS_PER_LOOK);
    if (this.lastHost === '' || behind.length === HOSTS_PER_LOOK) return behind;
    const first = await this.store.pendingHosts('', HOSTS_PER_LOOK - behind.length);
    return [...new Set([...behind, ...first])];
  }

  private async claimFor(host: string): Promise<void> {
    const limit = this.places.roomFor(host);
    if (limit <= 0 || this.isStopping) return;
    const now = this.clock.now();
    const token = randomUUID();
    const claimed = await this.store.claim({ host, limit, token, now, leaseUntil: now + LEASE_MS });
    if (claimed.length === 0) return;
    const keys = await this.signer.keysOf([...new Set(claimed.map(({ tenantId }) => tenantId))]);
    for (const delivery of claimed) this.start(host, token, delivery, keys.get(delivery.tenantId));
  }

  private start(host: string, token: string, delivery: ClaimedDelivery, keys: Keys): void {
    this.places.take(host);
    const sending = this.deliver(delivery, keys)
      .catch((error: Error) => failed(error.message))
      .then((result) => this.settled.push({ deliveryId: delivery.deliveryId, token, ...result }))
      .then(() => this.places.release(host));
    const over = sending.finally(() => {
      this.sending.delete(over);
      void this.look();
    });
    this.sending.add(over);
  }

  private async deliver(delivery: ClaimedDelivery, keys: Keys): Promise<TryResult> {
    const body = composeNotice(delivery, this.settings.timeZone, this.clock.now());
    if (body === null) return failed('the execution is not kept any more');
    const sent = keys === null ? UNSIGNED : await this.send(delivery, body, keys ?? []);
    if (this.cut.signal.aborted && 'error' in sent) return GIVEN_BACK;
    return judgeTry(sent, delivery.attempt + 1, this.clock.now(), Math.random());
  }

  private send(
    { deliveryId, url }: ClaimedDelivery,
    body: string,
    keys: readonly SigningKey[],
  ): Promise<Sent> {
    const message = { id: deliveryId, timestamp: Math.floor(this.clock.now() / 1000), body };
    return this.sender.send(url, webhookHeaders(message, keys), body, this.cut.signal);
  }
}

/** Undefined: the tenant has none; null: one that it has cannot be opened. */
type Keys = readonly SigningKey[] | null | undefined;

const UNSIGNED: Sent = { error: 'a webhook secret of the tenant cannot be opened', isRefused: false };

const GIVEN_BACK: TryResult = { verdict: { kind: 'given back' }, statusCode: null, error: '' };

const failed = (error: string): TryResult => ({ verdict: { kind: 'given up' }, statusCode: null, error });
