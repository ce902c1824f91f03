import { STATUS_CODES } from 'node:http';
import { type Verdict } from '../ports/delivery.store.js';
import { nextTryAt } from './retry-schedule.js';
import { type Answer, type Sent } from './webhook-sender.js';

const GONE = 410;
const MAX_ERROR_LENGTH = 255;

/** What is written of one try. */
export interface TryResult {
  verdict: Verdict;
  statusCode: number | null;
  error: string;
}

/**
 * What a try means: any 2xx is a success, 410 asks for no more, all else is tried again while there are tries left.
 * @param attempt from 1
 * @param random in [0, 1)
 */
export function judgeTry(sent: Sent, attempt: number, now: number, random: number): TryResult {
  if ('error' in sent) {
    const verdict = sent.isRefused ? GIVEN_UP : againOrNever(attempt, 0, now, random);
    return { verdict, statusCode: null, error: sent.error.slice(0, MAX_ERROR_LENGTH) };
  }
  const { statusCode } = sent;
  if (statusCode >= 200 && statusCode < 300) return { verdict: { kind: 'delivered' }, statusCode, error: '' };
  const error = `the receiver answered ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trimEnd();
  if (statusCode === GONE) return { verdict: { kind: 'gone' }, statusCode, error };
  return { verdict: againOrNever(attempt, askedMs(sent, now), now, random), statusCode, error };
}

const GIVEN_UP = { kind: 'given up' } as const;

function againOrNever(attempt: number, askedMs: number, now: number, random: number): Verdict {
  const dueAt = nextTryAt(attempt, askedMs, now, random);
  return dueAt === null ? GIVEN_UP : { kind: 'again', dueAt };
}

/** Whole seconds or an HTTP date. */
function askedMs({ retryAfter }: Answer, now: number): number {
  const text = retryAfter.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = /GMT$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
