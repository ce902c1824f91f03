import { type ExecutionState, formatInstant } from '@ecron/domain';
import { type Delivery, type DeliveryStatus } from '../ports/delivery.store.js';

/** A delivery as answers show it. Instants in the configured zone, "" where there is none. */
export interface DeliveryView {
  /** The execution's id, and the `webhook-id` of each try. */
  delivery_id: string;
  job_id: string;
  tenant_id: string;
  type: `execution.${ExecutionState}`;
  sequence: number;
  status: DeliveryStatus;
  attempt: number;
  next_attempt_at: string;
  created_at: string;
  ended_at: string;
  status_code: number | null;
  error: string;
}

export function showDelivery(delivery: Delivery, zone: string): DeliveryView {
  const show = (ms: number | null): string => (ms === null ? '' : formatInstant(ms, zone));
  return {
    delivery_id: delivery.deliveryId,
    job_id: delivery.jobId,
    tenant_id: delivery.tenantId,
    type: `execution.${delivery.state}`,
    sequence: delivery.sequence,
    status: delivery.status,
    attempt: delivery.attempt,
    next_attempt_at: show(delivery.dueAt),
    created_at: show(delivery.createdAt),
    ended_at: show(delivery.endedAt),
    status_code: delivery.statusCode,
    error: delivery.error,
  };
}
