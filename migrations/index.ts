import { Ledger1764000000000 } from './1764000000000-ledger.js';
import { Output1765000000000 } from './1765000000000-output.js';
import { Cap1766000000000 } from './1766000000000-cap.js';
import { Webhook1767000000000 } from './1767000000000-webhook.js';
import { Audit1768000000000 } from './1768000000000-audit.js';
import { Quota1769000000000 } from './1769000000000-quota.js';
import { Trace1770000000000 } from './1770000000000-trace.js';

/** In the order they are applied. */
export const MIGRATIONS = [
  Ledger1764000000000,
  Output1765000000000,
  Cap1766000000000,
  Webhook1767000000000,
  Audit1768000000000,
  Quota1769000000000,
  Trace1770000000000,
];
