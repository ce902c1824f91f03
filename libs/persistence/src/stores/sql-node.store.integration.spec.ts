import { nodeStoreConformance, sqliteStores } from '@ecron/testing';

nodeStoreConformance(sqliteStores());
