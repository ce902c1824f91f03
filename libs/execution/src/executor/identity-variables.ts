import { formatInstant } from '@ecron/domain';
import { type AttemptRequest } from './executor.js';

/** Who an attempt is, as a program reads it from its environment, here or in a pod. */
export function identityVariables(attempt: AttemptRequest): Record<string, string> {
  const { executeId, jobId, tenantId, slotAt, zone, traceparent } = attempt;
  return {
    ECRON_EXECUTE_ID: executeId,
    ECRON_JOB_ID: jobId,
    ECRON_TENANT: tenantId,
    ...(slotAt !== null && { ECRON_SLOT: formatInstant(slotAt, zone) }),
    ECRON_ATTEMPT: String(attempt.attempt),
    ECRON_IDEMPOTENCY_KEY: executeId,
    ...(traceparent !== undefined && { TRACEPARENT: traceparent }),
  };
}
