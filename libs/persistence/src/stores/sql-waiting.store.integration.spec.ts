import { waitingStoreConformance, sqliteStores } from '@ecron/testing';

waitingStoreConformance(sqliteStores());
