import { key } from './key.js';
import { integer, numberList } from './kinds.js';

const MOST = 1_000_000;
const limit = { group: 'Tenants', kind: integer(0, MOST), fallback: 0 } as const;
const overrides = {
  group: 'Tenants',
  kind: numberList(0, MOST),
  fallback: null,
  fallbackText: 'none',
} as const;

const overridesDoc = (name: string): string =>
  `Tenants with a number of their own in place of \`${name}\`, such as \`billing=50, reports=0\`. 0: any number.`;

/** What the callers of one tenant may have and ask for, in all over all nodes. */
export const QUOTA_KEYS = {
  tenant_jobs: key({
    ...limit,
    doc: 'Jobs that one tenant (client id) may have stored, deleted ones not counted. One more is refused with 429. What was there before stays, and can be edited. 0: any number. Give all keys of this section the same values on every node.',
  }),
  tenant_jobs_overrides: key({ ...overrides, doc: overridesDoc('tenant_jobs') }),
  tenant_requests_per_minute: key({
    ...limit,
    doc: 'Runs that the callers of one tenant may ask for (`POST /jobexecution`) in a minute of the clock. One more is 429, with the seconds to the next minute in `Retry-After`; what starts nothing, as a repeat of the same `execute_id`, is not counted, and neither is what comes by the queue. 0: any number.',
  }),
  tenant_requests_per_minute_overrides: key({
    ...overrides,
    doc: overridesDoc('tenant_requests_per_minute'),
  }),
  tenant_starts_per_minute: key({
    ...limit,
    doc: 'Attempts of one tenant, of slots and of requests, first ones and retries, that may start in a minute of the clock. What is more waits with the reason `tenant rate` and starts in a later minute, the oldest first; no other tenant waits for it. 0: any number.',
  }),
  tenant_starts_per_minute_overrides: key({ ...overrides, doc: overridesDoc('tenant_starts_per_minute') }),
} as const;
