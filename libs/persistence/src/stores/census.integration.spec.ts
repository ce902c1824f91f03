import { censusConformance, sqliteStores } from '@ecron/testing';

censusConformance(sqliteStores());
