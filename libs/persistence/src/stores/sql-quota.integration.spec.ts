import { quotaConformance, sqliteStores } from '@ecron/testing';

quotaConformance(sqliteStores());
