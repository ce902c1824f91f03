import { callbackConformance } from './callback.conformance.js';
import { cancelConformance } from './cancel.conformance.js';
import { executionQueryConformance } from './execution-query.conformance.js';
import { reportConformance } from './report.conformance.js';
import { type OpenStores } from './stores-under-test.js';

/** What every execution store must do. */
export function executionStoreConformance(open: OpenStores): void {
  executionQueryConformance(open);
  callbackConformance(open);
  reportConformance(open);
  cancelConformance(open);
}
