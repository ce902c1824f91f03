export * from './ports/delivery.store.js';
export * from './ports/secret.store.js';
export { NOTIFICATION_SETTINGS, type NotificationSettings } from './notification-settings.js';
export { Deliverer } from './delivery/deliverer.service.js';
export { DeliveryCleaner } from './delivery/delivery-cleaner.service.js';
export { WebhookSender } from './delivery/webhook-sender.js';
export { keyPlace } from './signing/keys.js';
export { Signer } from './signing/signer.service.js';
export { type DeliveryQuery } from './log/delivery-query.js';
export { type DeliveryView } from './log/show-delivery.js';
export { DeliveryLogService } from './log/delivery-log.service.js';
export { type TestInput, type TestView, WebhookTestService } from './log/webhook-test.service.js';
export {
  type NewSecretView,
  type SecretView,
  WebhookSecretService,
} from './secret/webhook-secret.service.js';
export { NotificationModule } from './notification.module.js';
