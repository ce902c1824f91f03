import { claimStoreConformance, sqliteStores } from '@ecron/testing';

claimStoreConformance(sqliteStores());
