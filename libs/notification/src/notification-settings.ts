import { type connectOptions, type TargetGuard } from '@ecron/execution';

/** DI token of {@link NotificationSettings}. */
export const NOTIFICATION_SETTINGS = Symbol('NotificationSettings');

/** Constant for the life of the process. */
export interface NotificationSettings {
  /** Shown to receivers as `user-agent: ecron/VERSION`. */
  version: string;
  /** The same that keeps jobs away from where they must not go. */
  guard: TargetGuard;
  /** As for HTTPS targets of jobs. */
  tls: Parameters<typeof connectOptions>[1];
  /** Zone of times in notices of runs that belong to no job. */
  timeZone: string;
  /** Deliveries that this node sends at a time. */
  concurrency: number;
  /** Of them to one host and port. */
  hostConcurrency: number;
  /** Undelivered notices of one job; a further one drops the oldest. */
  maxPending: number;
  /** How long delivered and given up ones are kept, in milliseconds. */
  retentionMs: number;
  /** For the whole of one try, in milliseconds. Default 20 000. */
  timeoutMs?: number;
}
