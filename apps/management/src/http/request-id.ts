import { randomUUID } from 'node:crypto';

/** Says which call an answer, a line of the log or an entry of the audit belongs to. */
export const REQUEST_ID_HEADER = 'x-request-id';

const WELL_FORMED = /^[\w.:-]{1,64}$/;

/** The caller's own id, where it is one; else a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && WELL_FORMED.test(header) ? header : randomUUID();
}
