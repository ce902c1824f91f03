import { badRowConformance, sqliteStores } from '@ecron/testing';

badRowConformance(sqliteStores());
