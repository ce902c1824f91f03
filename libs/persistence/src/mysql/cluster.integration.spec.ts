import { clusterConformance, describeWith } from '@ecron/testing';

describeWith('mariadb', 'on MariaDB', (server) => clusterConformance(server, {}));

describeWith('mariadb', 'on a server without SKIP LOCKED', (server) =>
  clusterConformance(server, { skipLocked: 'never' }),
);
