import { type Policy } from './policy.js';

export interface FailedAttempt {
  /** From 1. */
  attempt: number;
  retryable: boolean;
  retryAfterMs?: number;
  /** True: no backoff. */
  retriesAtOnce?: boolean;
  /** Start of the first attempt. */
  begunAt: number;
}

export type RetryDecision =
  | { kind: 'retry'; notBefore: number }
  | { kind: 'give up'; state: 'failed' | 'abandoned'; reason: '' | 'total timeout' };

/**
 * Whether a failed attempt is tried again, and when: base × factor^(n−1), capped, with full jitter (a point
 * anywhere between now and the delay, so that a herd of failures does not come back as a herd). A target's
 * Retry-After is honoured up to the cap.
 * @param random in [0, 1)
 */
export function decideRetry(
  failed: FailedAttempt,
  policy: Policy,
  now: number,
  random: number,
): RetryDecision {
  if (!failed.retryable) return { kind: 'give up', state: 'failed', reason: '' };
  if (failed.attempt >= policy.retry.maxAttempts) return { kind: 'give up', state: 'abandoned', reason: '' };
  const backoff = failed.retriesAtOnce === true ? 0 : backoffMs(failed.attempt, policy, random);
  const notBefore = now + Math.max(backoff, askedMs(failed, policy));
  if (notBefore >= failed.begunAt + policy.totalTimeoutMs) {
    return { kind: 'give up', state: 'abandoned', reason: 'total timeout' };
  }
  return { kind: 'retry', notBefore };
}

function backoffMs(attempt: number, { retry }: Policy, random: number): number {
  // A base of 0 must not meet a factor that has grown to infinity.
  const full = retry.baseMs === 0 ? 0 : Math.min(retry.capMs, retry.baseMs * retry.factor ** (attempt - 1));
  return Math.round(retry.jitter ? full * random : full);
}

function askedMs(failed: FailedAttempt, { retry }: Policy): number {
  return Math.min(failed.retryAfterMs ?? 0, retry.capMs);
}
