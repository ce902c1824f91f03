import { type Census } from '@ecron/persistence';
import { type PolicyDefaults } from '@ecron/domain';
import { type OutputStore, type RunStore } from '@ecron/execution';
import { type AuditStore, type ExecutionStore, type JobStore, type LedgerStore } from '@ecron/jobs';
import { type NodeStore } from '@ecron/nodes';
import { type DeliveryStore, type WebhookSecretStore } from '@ecron/notification';
import {
  type ClaimStore,
  type QueuedRequestStore,
  type RecoveryStore,
  type WaitingStore,
} from '@ecron/scheduling';
import { type FakeClock } from '../fake-clock.js';

/** What the stores under test resolve policies from. */
export const STORE_DEFAULTS: PolicyDefaults = { maxAttempts: 3, completion: 'auto' };
/** What the stores under test key execute ids by. */
export const STORE_SECRET = 'the secret of the deployment';

/** Every store over one empty database. */
export interface StoresUnderTest {
  jobs: JobStore;
  executions: ExecutionStore;
  ledger: LedgerStore;
  audit: AuditStore;
  claims: ClaimStore;
  waiting: WaitingStore;
  requests: QueuedRequestStore;
  runs: RunStore;
  outputs: OutputStore;
  recovery: RecoveryStore;
  nodes: NodeStore;
  deliveries: DeliveryStore;
  webhookSecrets: WebhookSecretStore;
  census(now: number): Promise<Census>;
  /** One statement on the same tables, for what no port shows or can bring about. */
  query(text: string, values: readonly (string | number | null)[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/**
 * Opens the stores on an empty database; those that need a clock go by the one that is given.
 * @param defaults left out: {@link STORE_DEFAULTS}
 */
export type OpenStores = (clock: FakeClock, defaults?: PolicyDefaults) => Promise<StoresUnderTest>;
