import { getMetadataArgsStorage } from 'typeorm';
import { AuditRow } from './audit.row.js';
import { CapPlaceRow, CapRow } from './cap.row.js';
import { ExecutionRow } from './execution.row.js';
import { JobActiveRow, JobRow, JobVersionRow } from './job.row.js';
import { MetaRow, NodeRow } from './node.row.js';
import { OutputRow } from './output.row.js';
import { QuotaRow } from './quota.row.js';
import { WebhookDeliveryRow, WebhookRow, WebhookSecretRow } from './webhook.row.js';

const ROWS = [
  JobRow,
  JobVersionRow,
  JobActiveRow,
  ExecutionRow,
  NodeRow,
  MetaRow,
  OutputRow,
  CapRow,
  CapPlaceRow,
  WebhookRow,
  WebhookDeliveryRow,
  WebhookSecretRow,
  AuditRow,
  QuotaRow,
];
/** MySQL's TEXT ends at 65 535 bytes; SQLite's has no end. */
const PAYLOAD_TYPES = { sqlite: 'text', mysql: 'mediumtext' } as const;

/** The entities, spelt as the database does; TypeORM keeps one spelling at a time, so call it before each data source. */
export function rowsFor(database: keyof typeof PAYLOAD_TYPES): typeof ROWS {
  const spellings: unknown[] = Object.values(PAYLOAD_TYPES);
  for (const { options } of getMetadataArgsStorage().columns)
    if (spellings.includes(options.type)) options.type = PAYLOAD_TYPES[database];
  return ROWS;
}

export {
  AuditRow,
  CapPlaceRow,
  CapRow,
  ExecutionRow,
  JobActiveRow,
  JobRow,
  JobVersionRow,
  MetaRow,
  NodeRow,
  OutputRow,
  QuotaRow,
  WebhookDeliveryRow,
  WebhookRow,
  WebhookSecretRow,
};
