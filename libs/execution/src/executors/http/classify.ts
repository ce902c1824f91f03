import { STATUS_CODES } from 'node:http';
import { type Completion, type Outcome } from '@ecron/domain';
import { type Answer, headerOf } from './exchange.js';
import { formatResult } from './result-text.js';

/**
 * What an answer means. 2xx is good; whether it ends the execution or a callback will, `completion` says.
 * Anything else is a failed attempt. `now` (epoch milliseconds) is what a date in Retry-After counts from.
 */
export function classifyAnswer(answer: Answer, completion: Completion, now: number): Outcome {
  const { statusCode } = answer;
  const result = resultOf(answer);
  if (statusCode < 200 || statusCode > 299) return classifyFailure(answer, result, now);
  return { kind: awaitsCallback(statusCode, completion) ? 'accepted' : 'succeeded', statusCode, result };
}

function awaitsCallback(statusCode: number, completion: Completion): boolean {
  return completion === 'callback' || (completion === 'auto' && statusCode === 202);
}

function classifyFailure(answer: Answer, result: string | null, now: number): Outcome {
  const { statusCode } = answer;
  const error = `the target answered ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trimEnd();
  const retryAfterMs = parseRetryAfter(headerOf(answer, 'retry-after'), now);
  const pause = retryAfterMs === null ? {} : { retryAfterMs };
  return { kind: 'failed', retryable: true, statusCode, error, ...pause, result };
}

/** No answer is asked to be compressed; what comes so all the same is no text to keep. */
function resultOf(answer: Answer): string | null {
  const encoding = headerOf(answer, 'content-encoding');
  if (encoding !== '' && encoding !== 'identity') return null;
  return formatResult(answer.body, headerOf(answer, 'content-type'));
}

/** Whole seconds or an HTTP date, as milliseconds from `now`, never negative; null when it is neither. */
export function parseRetryAfter(value: string, now: number): number | null {
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = /GMT$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
