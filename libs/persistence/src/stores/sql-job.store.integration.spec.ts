import { jobStoreConformance, sqliteStores } from '@ecron/testing';

jobStoreConformance(sqliteStores());
