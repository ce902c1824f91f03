import { unescape } from 'node:querystring';
import { formatInstant, isFramingHeader } from '@ecron/domain';
import { type AttemptRequest } from '../../executor/executor.js';

/** Names and values by turns, as they go on the wire. */
export type HeaderList = string[];

// A job's own headers win over all others, never over these.
const OURS = new Set([
  'webhook',
  'x-ecron-execute-id',
  'x-ecron-job-id',
  'x-ecron-slot',
  'x-ecron-attempt',
  'idempotency-key',
]);
const BEYOND_ASCII = /[^\x00-\x7f]/;

/** The job's own headers that are sent: in lower case, the last of a name wins, empty values are left out. */
export function selectOwnHeaders(headers: Record<string, string> | null): Map<string, string> {
  const own = new Map<string, string>();
  for (const name in headers) {
    const value = headers[name] ?? '';
    const lower = name.toLowerCase();
    // Adopted jobs can hold framing headers: they were never checked.
    if (value === '' || OURS.has(lower) || isFramingHeader(lower)) continue;
    own.set(lower, encodeValue(value));
  }
  return own;
}

/** What every request of this service carries, in front of the job's own headers. */
export function identityHeaders(attempt: AttemptRequest): HeaderList {
  const { executeId, jobId, slotAt, zone } = attempt;
  const list = [
    'webhook',
    attempt.webhookPath,
    'x-ecron-execute-id',
    executeId,
    'x-ecron-job-id',
    jobId,
    'x-ecron-attempt',
    String(attempt.attempt),
    'idempotency-key',
    executeId,
  ];
  if (slotAt !== null) list.push('x-ecron-slot', formatInstant(slotAt, zone));
  return list;
}

/** `Basic` credentials out of a URL's user and password; null when it has neither. */
export function basicAuthorization(url: URL): string | null {
  if (url.username === '' && url.password === '') return null;
  const pair = `${unescape(url.username)}:${unescape(url.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** Header values go out one byte a character, so that text beyond ASCII is sent as its UTF-8 bytes. */
function encodeValue(value: string): string {
  return BEYOND_ASCII.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value;
}
