import { ledgerStoreConformance, sqliteStores } from '@ecron/testing';

ledgerStoreConformance(sqliteStores());
