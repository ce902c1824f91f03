import { randomUUID } from 'node:crypto';
import { Clock, formatInstant, webhookHost } from '@ecron/domain';
import { type Caller, type Optional, refuse, scopeOf } from '@ecron/jobs';
import { Inject, Injectable } from '@nestjs/common';
import { judgeTry } from '../delivery/judge-try.js';
import { Places } from '../delivery/places.js';
import { type Sent, WebhookSender } from '../delivery/webhook-sender.js';
import { NOTIFICATION_SETTINGS, type NotificationSettings } from '../notification-settings.js';
import { DeliveryStore } from '../ports/delivery.store.js';
import { webhookHeaders } from '../signing/sign.js';
import { Signer } from '../signing/signer.service.js';

/** Either a job, whose webhook is meant, or a URL. */
export interface TestInput {
  job_id?: Optional<string>;
  webhook?: Optional<string>;
}

/** What came of a test. */
export interface TestView {
  webhook_id: string;
  delivered: boolean;
  status_code: number | null;
  error: string;
}

/** How many tests this node sends at a time. */
const MAX_TESTS = 10;
/** How many of them for callers of one tenant. */
const MAX_TENANT_TESTS = 2;

/** Sends one message of the type `webhook.test`, signed as the tenant of the job or of the caller signs, once and at once. */
@Injectable()
export class WebhookTestService {
  private readonly places = new Places(MAX_TESTS, MAX_TENANT_TESTS);

  constructor(
    private readonly store: DeliveryStore,
    private readonly signer: Signer,
    private readonly sender: WebhookSender,
    private readonly clock: Clock,
    @Inject(NOTIFICATION_SETTINGS) private readonly settings: Pick<NotificationSettings, 'timeZone'>,
  ) {}

  async test(caller: Caller, input: TestInput): Promise<TestView> {
    const { url, tenantId } = await this.targetOf(caller, input);
    if (this.places.roomFor(caller.clientId) <= 0) throw refuse.tooManyTests();
    this.places.take(caller.clientId);
    const id = `test_${randomUUID()}`;
    try {
      return this.show(id, await this.send(tenantId, id, url));
    } finally {
      this.places.release(caller.clientId);
    }
  }

  private async targetOf(
    caller: Caller,
    { job_id, webhook }: TestInput,
  ): Promise<{ url: string; tenantId: string }> {
    if (Boolean(job_id) === Boolean(webhook)) {
      throw refuse.fields(['job_id', 'webhook'], 'Either job_id or webhook must be given');
    }
    if (webhook && webhookHost(webhook) === '')
      throw refuse.field('webhook', 'must be a URL of http or https');
    if (webhook) return { url: webhook, tenantId: caller.clientId };
    const found = await this.store.findWebhook(scopeOf(caller), job_id ?? '');
    if (found === null) throw refuse.unknownJob();
    if (found.url === '') throw refuse.noWebhook();
    return found;
  }

  private async send(tenantId: string, id: string, url: string): Promise<Sent> {
    const keys = (await this.signer.keysOf([tenantId])).get(tenantId);
    if (keys === null) return { error: 'a webhook secret of the tenant cannot be opened', isRefused: true };
    const now = this.clock.now();
    const timestamp = formatInstant(now, this.settings.timeZone);
    const body = JSON.stringify({ type: 'webhook.test', timestamp, data: { tenant_id: tenantId } });
    const message = { id, timestamp: Math.floor(now / 1000), body };
    return this.sender.send(url, webhookHeaders(message, keys ?? []), body);
  }

  private show(id: string, sent: Sent): TestView {
    const { verdict, statusCode, error } = judgeTry(sent, 1, this.clock.now(), 0);
    return { webhook_id: id, delivered: verdict.kind === 'delivered', status_code: statusCode, error };
  }
}
