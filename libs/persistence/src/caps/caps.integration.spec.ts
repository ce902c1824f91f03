import { capConformance, sqliteStores } from '@ecron/testing';

capConformance(sqliteStores());
