import { formatInstant, type JsonValue, optionsOf } from '@ecron/domain';
import { type OutletMessage } from '@ecron/messaging';
import { type AttemptRequest } from '../../executor/executor.js';
import { type PublishOptionsDto } from './publish-options.dto.js';

/** The message of an attempt: the job's body, which an envelope surrounds where the job asks for one. */
export function composeMessage(attempt: AttemptRequest): OutletMessage {
  const { envelope, key }: PublishOptionsDto = optionsOf(attempt.context);
  const { body } = attempt.context.info;
  const identity = identityOf(attempt);
  const value: JsonValue = envelope === true ? { ...identity, body } : body;
  return { value: JSON.stringify(value), key: key ?? null, headers: headersOf(identity, attempt) };
}

function identityOf({ executeId, jobId, slotAt, zone, attempt }: AttemptRequest) {
  return {
    execute_id: executeId,
    job_id: jobId,
    ...(slotAt !== null && { slot: formatInstant(slotAt, zone) }),
    attempt,
    idempotency_key: executeId,
  };
}

/** Named as those of HTTP requests. */
function headersOf(
  identity: ReturnType<typeof identityOf>,
  { traceparent }: AttemptRequest,
): Record<string, string> {
  return {
    'x-ecron-execute-id': identity.execute_id,
    'x-ecron-job-id': identity.job_id,
    ...(identity.slot !== undefined && { 'x-ecron-slot': identity.slot }),
    'x-ecron-attempt': String(identity.attempt),
    'idempotency-key': identity.idempotency_key,
    ...(traceparent !== undefined && { traceparent }),
  };
}
