import { type PolicyDefaults } from '@ecron/domain';
import {
  type Database,
  SqlAuditStore,
  SqlClaimStore,
  SqlDeliveryStore,
  SqlExecutionStore,
  SqlJobStore,
  SqlLedgerStore,
  SqlNodeStore,
  SqlOutputStore,
  SqlQueuedRequestStore,
  SqlRecoveryStore,
  SqlRunStore,
  SqlWaitingStore,
  SqlWebhookSecretStore,
  takeCensus,
} from '@ecron/persistence';
import { type FakeClock } from '../fake-clock.js';
import { STORE_DEFAULTS, STORE_SECRET, type StoresUnderTest } from './stores-under-test.js';

/** Every store over one database; closing them closes nothing. */
export function sqlStores(
  database: Database,
  clock: FakeClock,
  defaults: PolicyDefaults = STORE_DEFAULTS,
): StoresUnderTest {
  return {
    jobs: new SqlJobStore(database, STORE_SECRET, defaults, clock),
    executions: new SqlExecutionStore(database, defaults, clock),
    ledger: new SqlLedgerStore(database),
    audit: new SqlAuditStore(database),
    claims: new SqlClaimStore(database, STORE_SECRET),
    waiting: new SqlWaitingStore(database, defaults),
    requests: new SqlQueuedRequestStore(database, defaults),
    runs: new SqlRunStore(database, defaults),
    outputs: new SqlOutputStore(database),
    recovery: new SqlRecoveryStore(database),
    nodes: new SqlNodeStore(database),
    deliveries: new SqlDeliveryStore(database),
    webhookSecrets: new SqlWebhookSecretStore(database),
    census: (now) => takeCensus(database, now),
    query: (text, values) => database.write('edit', (sql) => sql.all(text, values)),
    close: async () => undefined,
  };
}
