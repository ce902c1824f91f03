import { createHash } from 'node:crypto';
import { formatInstant } from '@ecron/domain';
import { type AttemptRequest } from '../../../executor/executor.js';
import { type ApiObject } from '../api/objects.js';

export const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'ecron' };
/** Objects of this service, of every deployment that uses the namespace. */
export const OURS_SELECTOR = 'app.kubernetes.io/managed-by=ecron';

const EXECUTE_ID = 'ecron/execute-id';
const JOB_ID = 'ecron/job-id';
const TENANT = 'ecron/tenant';
const ATTEMPT = 'ecron/attempt';
const SLOT = 'ecron/slot';
const DEADLINE = 'ecron/deadline';
const TRACEPARENT = 'ecron/traceparent';

const NAME_PART = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

type Identified = Pick<
  AttemptRequest,
  'executeId' | 'jobId' | 'tenantId' | 'attempt' | 'slotAt' | 'zone' | 'traceparent'
>;

/** The same for each start of an attempt, so that none makes a second Job. At most 63 characters, as a pod's label. */
export function jobNameOf({ executeId, attempt }: Pick<AttemptRequest, 'executeId' | 'attempt'>): string {
  const id = NAME_PART.test(executeId) ? executeId : hash(executeId);
  return `ecron-${id}-${attempt}`;
}

/** For people who select; what must be told apart is compared by the annotations, which hold every text. */
export function labelsOf(attempt: Identified): Record<string, string> {
  return {
    ...MANAGED_BY,
    [EXECUTE_ID]: labelValue(attempt.executeId),
    [JOB_ID]: labelValue(attempt.jobId),
    [TENANT]: labelValue(attempt.tenantId),
    [ATTEMPT]: String(attempt.attempt),
  };
}

/** @param deadlineAt epoch milliseconds */
export function annotationsOf(attempt: Identified, deadlineAt: number): Record<string, string> {
  const { slotAt, zone, traceparent } = attempt;
  return {
    [EXECUTE_ID]: attempt.executeId,
    [JOB_ID]: attempt.jobId,
    [TENANT]: attempt.tenantId,
    [ATTEMPT]: String(attempt.attempt),
    ...(slotAt !== null && { [SLOT]: formatInstant(slotAt, zone) }),
    [DEADLINE]: new Date(deadlineAt).toISOString(),
    ...(traceparent !== undefined && { [TRACEPARENT]: traceparent }),
  };
}

/** Whether an object was made for this very attempt. */
export function isOf({ metadata }: ApiObject, attempt: Identified): boolean {
  const { labels = {}, annotations = {} } = metadata;
  return (
    labels['app.kubernetes.io/managed-by'] === 'ecron' &&
    annotations[EXECUTE_ID] === attempt.executeId &&
    annotations[JOB_ID] === attempt.jobId &&
    annotations[TENANT] === attempt.tenantId &&
    annotations[ATTEMPT] === String(attempt.attempt)
  );
}

/** Null: it is none of ours. */
export function executeIdOf({ metadata }: ApiObject): string | null {
  return metadata.annotations?.[EXECUTE_ID] ?? null;
}

/** When the attempt that it was made for has to end, in epoch milliseconds; null: it does not say. */
export function deadlineOf({ metadata }: ApiObject): number | null {
  const at = Date.parse(metadata.annotations?.[DEADLINE] ?? '');
  return Number.isNaN(at) ? null : at;
}

const labelValue = (text: string): string => (LABEL_VALUE.test(text) ? text : hash(text));
const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
