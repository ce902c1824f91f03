import { recoveryStoreConformance, sqliteStores } from '@ecron/testing';

recoveryStoreConformance(sqliteStores());
