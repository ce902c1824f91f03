import { STATUS_CODES } from 'node:http';
import { type Completion, isWithin, type Outcome } from '@ecron/domain';
import { type AnswerRules } from './answer-rules.js';
import { type Answer, headerOf } from './exchange.js';
import { keepHead } from './response-head.js';
import { formatResult } from './result-text.js';

/**
 * What an answer means. A status of the job's success codes (2xx) with a body that holds what the job asserts is good;
 * whether it ends the execution or a callback will, `completion` says. Anything else is a failed attempt. `now` (epoch
 * milliseconds) is what a date in Retry-After counts from.
 */
export function classifyAnswer(
  answer: Answer,
  rules: AnswerRules,
  completion: Completion,
  now: number,
): Outcome {
  const error = findFault(answer, rules);
  const result = resultOf(answer);
  if (error !== null) return classifyFailure(answer, { error, result }, now);
  const { statusCode } = answer;
  const kind = awaitsCallback(statusCode, completion) ? 'accepted' : 'succeeded';
  return { kind, statusCode, ...(rules.keepsHead && headOf(answer)), result };
}

function findFault(answer: Answer, { successes, assertion }: AnswerRules): string | null {
  const { statusCode } = answer;
  if (isWithin(statusCode, successes)) return assertion?.findFault(answer) ?? null;
  return `the target answered ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trimEnd();
}

function awaitsCallback(statusCode: number, completion: Completion): boolean {
  return completion === 'callback' || (completion === 'auto' && statusCode === 202);
}

function classifyFailure(
  answer: Answer,
  { error, result }: { error: string; result: string | null },
  now: number,
): Outcome {
  const { statusCode } = answer;
  const retryAfterMs = parseRetryAfter(headerOf(answer, 'retry-after'), now);
  const pause = retryAfterMs === null ? {} : { retryAfterMs };
  return { kind: 'failed', retryable: true, statusCode, error, ...pause, ...headOf(answer), result };
}

function headOf(answer: Answer): Pick<Extract<Outcome, { kind: 'failed' }>, 'headers'> {
  const headers = keepHead(answer);
  return headers === undefined ? {} : { headers };
}

/** No answer is asked to be compressed; what comes so all the same is no text to keep. */
function resultOf(answer: Answer): string | null {
  const encoding = headerOf(answer, 'content-encoding');
  if (encoding !== '' && encoding !== 'identity') return null;
  return formatResult(answer.body, headerOf(answer, 'content-type'));
}

/** Whole seconds or an HTTP date, as milliseconds from `now`, never negative; null when it is neither. */
function parseRetryAfter(value: string, now: number): number | null {
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = /GMT$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
