import {
  capConformance,
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
  recoveryStoreConformance,
  runStoreConformance,
  waitingStoreConformance,
} from '@ecron/testing';

function everyStoreConformance(server: MysqlServer, options: MysqlOptions): void {
  const stores = mysqlStores(server, options);
  jobStoreConformance(stores);
  executionStoreConformance(stores);
  ledgerStoreConformance(stores);
  claimStoreConformance(stores);
  waitingStoreConformance(stores);
  runStoreConformance(stores);
  capConformance(stores);
  recoveryStoreConformance(stores);
  outputStoreConformance(stores);
  nodeStoreConformance(stores);
}

describeWith('mariadb', 'on MariaDB', (server) => everyStoreConformance(server, {}));

describeWith('mariadb', 'on a server without SKIP LOCKED', (server) =>
  everyStoreConformance(server, { skipLocked: 'never' }),
);
