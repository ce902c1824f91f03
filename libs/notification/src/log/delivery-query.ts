import { type Optional, readCursor, readLimit, readRange, refuse } from '@ecron/jobs';
import { DELIVERY_STATUSES, type DeliveryFilter, type DeliveryStatus } from '../ports/delivery.store.js';

/** The query of GET /webhook/delivery, as text; "" counts as left out. */
export interface DeliveryQuery {
  job_id?: Optional<string>;
  status?: Optional<string>;
  from?: Optional<string>;
  to?: Optional<string>;
  limit?: Optional<string>;
  cursor?: Optional<string>;
}

export function readDeliveryFilter(query: DeliveryQuery): DeliveryFilter {
  const { from, to } = readRange(query.from, query.to);
  const [createdAt, deliveryId] = readCursor(query.cursor, ['number', 'string']) ?? [];
  return {
    limit: readLimit(query.limit),
    ...(query.job_id && { jobId: query.job_id }),
    ...(query.status && { status: readStatus(query.status) }),
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...(createdAt !== undefined && {
      after: { createdAt: Number(createdAt), deliveryId: String(deliveryId) },
    }),
  };
}

function readStatus(text: string): DeliveryStatus {
  const known = DELIVERY_STATUSES.find((status) => status === text);
  if (known === undefined) throw refuse.field('status', `must be one of ${DELIVERY_STATUSES.join(', ')}`);
  return known;
}
