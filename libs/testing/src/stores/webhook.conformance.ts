import { deliveryConformance } from './webhook-delivery.conformance.js';
import { noticeConformance } from './webhook-notice.conformance.js';
import { webhookOwnerConformance } from './webhook-owner.conformance.js';
import { webhookSecretConformance } from './webhook-secret.conformance.js';
import { type OpenStores } from './stores-under-test.js';

/** What the outbox of result webhooks must do, and every transaction that ends an execution. */
export function webhookConformance(open: OpenStores): void {
  noticeConformance(open);
  deliveryConformance(open);
  webhookOwnerConformance(open);
  webhookSecretConformance(open);
}
