import { outputStoreConformance, sqliteStores } from '@ecron/testing';

outputStoreConformance(sqliteStores());
