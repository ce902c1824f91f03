import { executionStoreConformance, sqliteStores } from '@ecron/testing';

executionStoreConformance(sqliteStores());
