import {
  auditStoreConformance,
  badRowConformance,
  capConformance,
  censusConformance,
  claimStoreConformance,
  describeWith,
  executionStoreConformance,
  jobStoreConformance,
  ledgerStoreConformance,
  type MysqlOptions,
  type MysqlServer,
  mysqlStores,
  nodeStoreConformance,
  outputStoreConformance,
  quotaConformance,
  recoveryStoreConformance,
  runStoreConformance,
  waitingStoreConformance,
  webhookConformance,
} from '@ecron/testing';

function everyStoreConformance(server: MysqlServer, options: MysqlOptions): void {
  const stores = mysqlStores(server, options);
  jobStoreConformance(stores);
  executionStoreConformance(stores);
  ledgerStoreConformance(stores);
  auditStoreConformance(stores);
  claimStoreConformance(stores);
  waitingStoreConformance(stores);
  runStoreConformance(stores);
  capConformance(stores);
  quotaConformance(stores);
  recoveryStoreConformance(stores);
  badRowConformance(stores);
  outputStoreConformance(stores);
  nodeStoreConformance(stores);
  censusConformance(stores);
  webhookConformance(stores);
}

describeWith('mariadb', 'on MariaDB', (server) => everyStoreConformance(server, {}));

describeWith('mariadb', 'on a server without SKIP LOCKED', (server) =>
  everyStoreConformance(server, { skipLocked: 'never' }),
);
