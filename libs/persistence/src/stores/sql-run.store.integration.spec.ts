import { runStoreConformance, sqliteStores } from '@ecron/testing';

runStoreConformance(sqliteStores());
