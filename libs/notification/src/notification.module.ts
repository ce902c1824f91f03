import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { DeliveryCleaner } from './delivery/delivery-cleaner.service.js';
import { Deliverer } from './delivery/deliverer.service.js';
import { WebhookSender } from './delivery/webhook-sender.js';
import { DeliveryLogService } from './log/delivery-log.service.js';
import { WebhookTestService } from './log/webhook-test.service.js';
import { WebhookSecretService } from './secret/webhook-secret.service.js';
import { Signer } from './signing/signer.service.js';

const SERVICES = [DeliveryLogService, WebhookTestService, WebhookSecretService];

/**
 * What a management node tells results with. `imports` bring the stores, the clock and the `Sealer`; `settings` are
 * `NOTIFICATION_SETTINGS`.
 */
@Module({})
export class NotificationModule {
  static with(imports: NonNullable<ModuleMetadata['imports']>, settings: Provider[]): DynamicModule {
    return {
      module: NotificationModule,
      imports,
      providers: [Signer, WebhookSender, Deliverer, DeliveryCleaner, ...SERVICES, ...settings],
      exports: [Deliverer, ...SERVICES],
    };
  }
}
