import { key } from './key.js';
import { integer } from './kinds.js';

/** How results are told to `notify.webhook`. */
export const NOTIFY_KEYS = {
  notify_concurrency: key({
    group: 'Result webhooks',
    kind: integer(1, 10_000),
    fallback: 100,
    doc: 'Results that one node sends to webhooks at a time. They take no places of executions.',
  }),
  notify_host_concurrency: key({
    group: 'Result webhooks',
    kind: integer(1, 1_000),
    fallback: 20,
    doc: 'Of them to one host and port, so that a slow receiver keeps up nobody else.',
  }),
  notify_pending: key({
    group: 'Result webhooks',
    kind: integer(1, 1_000_000),
    fallback: 1_000,
    doc: 'Undelivered results of one job that are kept. A further one drops the oldest; the ones behind say how many were dropped. The node that started last decides for all: give it the same value on every node.',
  }),
  notify_retention_s: key({
    group: 'Result webhooks',
    kind: integer(0, 31_536_000),
    fallback: 604_800,
    doc: 'How long `GET /webhook/delivery` shows a delivery after it was made or given up, and how long it can be replayed. A week.',
  }),
} as const;
