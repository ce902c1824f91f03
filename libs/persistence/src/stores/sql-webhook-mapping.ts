import { type ExecutionState } from '@ecron/domain';
import { type Delivery, type DeliveryStatus } from '@ecron/notification';
import { type WebhookDeliveryRow } from '../rows/index.js';

export function toDelivery(row: WebhookDeliveryRow): Delivery {
  return {
    deliveryId: row.delivery_id,
    jobId: row.job_id,
    tenantId: row.tenant_id,
    state: row.state as ExecutionState,
    sequence: row.sequence,
    status: row.status as DeliveryStatus,
    attempt: row.attempt,
    dueAt: row.due_at,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    statusCode: row.status_code,
    error: row.error,
  };
}
