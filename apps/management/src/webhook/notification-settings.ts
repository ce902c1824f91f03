import { type Config } from '@ecron/config';
import { type TargetGuard } from '@ecron/execution';
import { type NotificationSettings } from '@ecron/notification';
import { VERSION } from '@ecron/platform';
import { deploymentTls } from '../deployment-tls.js';

/** How this deployment tells results. */
export function notificationSettings(config: Config, guard: TargetGuard): NotificationSettings {
  return {
    version: VERSION,
    guard,
    tls: deploymentTls(config),
    timeZone: config.timeZone,
    concurrency: config.notifyConcurrency,
    hostConcurrency: config.notifyHostConcurrency,
    maxPending: config.notifyPending,
    retentionMs: config.notifyRetentionS * 1000,
  };
}
