import { webhookConformance, sqliteStores } from '@ecron/testing';

webhookConformance(sqliteStores());
