import { Clock, type PolicyDefaults } from '@ecron/domain';
import { OutputStore, RunStore } from '@ecron/execution';
import { AuditStore, ExecutionStore, JobStore, LedgerStore } from '@ecron/jobs';
import { NodeStore } from '@ecron/nodes';
import { DeliveryStore, WebhookSecretStore } from '@ecron/notification';
import { ClaimStore, QueuedRequestStore, RecoveryStore, WaitingStore } from '@ecron/scheduling';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { type Database } from './database.js';
import { SqlAuditStore } from './stores/sql-audit.store.js';
import { SqlClaimStore } from './stores/sql-claim.store.js';
import { SqlExecutionStore } from './stores/sql-execution.store.js';
import { SqlJobStore } from './stores/sql-job.store.js';
import { SqlLedgerStore } from './stores/sql-ledger.store.js';
import { SqlNodeStore } from './stores/sql-node.store.js';
import { SqlOutputStore } from './stores/sql-output.store.js';
import { SqlQueuedRequestStore } from './stores/sql-queued-request.store.js';
import { SqlRecoveryStore } from './stores/sql-recovery.store.js';
import { SqlRunStore } from './stores/sql-run.store.js';
import { SqlDeliveryStore } from './stores/sql-webhook.store.js';
import { SqlWebhookSecretStore } from './stores/sql-webhook-secret.store.js';
import { SqlWaitingStore } from './stores/sql-waiting.store.js';

export interface PersistenceSettings {
  database: Database;
  /** What execute ids are keyed by. */
  secret: string;
  clock: Clock;
  defaults: PolicyDefaults;
}

/** Every store port over one database. */
@Module({})
export class PersistenceModule {
  static for({ database, secret, clock, defaults }: PersistenceSettings): DynamicModule {
    const providers: Provider[] = [
      { provide: JobStore, useValue: new SqlJobStore(database, secret, defaults, clock) },
      { provide: ExecutionStore, useValue: new SqlExecutionStore(database, defaults, clock) },
      { provide: AuditStore, useValue: new SqlAuditStore(database) },
      { provide: LedgerStore, useValue: new SqlLedgerStore(database) },
      { provide: ClaimStore, useValue: new SqlClaimStore(database, secret) },
      { provide: WaitingStore, useValue: new SqlWaitingStore(database, defaults) },
      { provide: QueuedRequestStore, useValue: new SqlQueuedRequestStore(database, defaults) },
      { provide: RunStore, useValue: new SqlRunStore(database, defaults) },
      { provide: OutputStore, useValue: new SqlOutputStore(database) },
      { provide: RecoveryStore, useValue: new SqlRecoveryStore(database) },
      { provide: DeliveryStore, useValue: new SqlDeliveryStore(database) },
      { provide: WebhookSecretStore, useValue: new SqlWebhookSecretStore(database) },
      { provide: NodeStore, useValue: new SqlNodeStore(database) },
    ];
    return {
      module: PersistenceModule,
      providers,
      exports: providers.map((p) => (p as { provide: string }).provide),
    };
  }
}
