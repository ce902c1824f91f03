import { type PolicySettings } from '../job/job.js';
import { resolvePolicy } from './policy.js';
import { decideRetry, type FailedAttempt, type RetryDecision } from './retry.js';

const NOW = 1_800_000_000_000;

const policyWith = (own: PolicySettings = {}) =>
  resolvePolicy(own, 'http', { maxAttempts: 3, completion: 'auto' });
const steady = (retry: PolicySettings['retry'] = {}) => policyWith({ retry: { jitter: false, ...retry } });
const failed = (over: Partial<FailedAttempt> = {}): FailedAttempt => ({
  attempt: 1,
  retryable: true,
  begunAt: NOW,
  ...over,
});
const waitOf = (decision: RetryDecision): number =>
  decision.kind === 'retry' ? decision.notBefore - NOW : NaN;

describe('a failed attempt', () => {
  it.each([1, 2])('is tried again after attempt %d of three', (attempt) => {
    expect(decideRetry(failed({ attempt }), policyWith(), NOW, 0.5).kind).toBe('retry');
  });

  it('is the last where no more are left: the run is abandoned', () => {
    expect(decideRetry(failed({ attempt: 3 }), policyWith(), NOW, 0.5)).toEqual({
      kind: 'give up',
      state: 'abandoned',
      reason: '',
    });
  });

  it('is the only one where a single attempt is allowed', () => {
    expect(decideRetry(failed(), steady({ max_attempts: 1 }), NOW, 0.5).kind).toBe('give up');
  });

  it.each([1, 3])('that no retry can mend fails the run, also as attempt %d', (attempt) => {
    expect(decideRetry(failed({ attempt, retryable: false }), policyWith(), NOW, 0.5)).toEqual({
      kind: 'give up',
      state: 'failed',
      reason: '',
    });
  });
});

describe('the backoff', () => {
  it('doubles from five seconds up to the cap', () => {
    const policy = steady({ max_attempts: 10, cap_s: 60 });
    const waits = [1, 2, 3, 4, 5, 6].map((attempt) =>
      waitOf(decideRetry(failed({ attempt }), policy, NOW, 0)),
    );
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('stays the same with a factor of one', () => {
    const policy = steady({ max_attempts: 10, factor: 1 });
    expect([1, 2, 3].map((attempt) => waitOf(decideRetry(failed({ attempt }), policy, NOW, 0)))).toEqual([
      5_000, 5_000, 5_000,
    ]);
  });

  it('is anywhere between nothing and its length with jitter', () => {
    expect([0, 0.25, 0.5].map((random) => waitOf(decideRetry(failed(), policyWith(), NOW, random)))).toEqual([
      0, 1_250, 2_500,
    ]);
  });
});

describe('a failure that nothing speaks for waiting after', () => {
  it('is tried again at once, but not before the target asks for it, and not once more than others', () => {
    const atOnce = { retriesAtOnce: true };
    expect(waitOf(decideRetry(failed(atOnce), steady(), NOW, 0))).toBe(0);
    expect(waitOf(decideRetry(failed({ ...atOnce, retryAfterMs: 30_000 }), steady(), NOW, 0))).toBe(30_000);
    expect(decideRetry(failed({ ...atOnce, attempt: 3 }), steady(), NOW, 0)).toMatchObject({
      kind: 'give up',
    });
  });
});

describe('what a target asks for by Retry-After', () => {
  it('is waited for where it is longer than the backoff', () => {
    expect(waitOf(decideRetry(failed({ retryAfterMs: 30_000 }), steady(), NOW, 0))).toBe(30_000);
  });

  it('does not shorten the backoff', () => {
    expect(waitOf(decideRetry(failed({ retryAfterMs: 1_000 }), steady(), NOW, 0))).toBe(5_000);
  });

  it('is waited for up to the cap', () => {
    expect(waitOf(decideRetry(failed({ retryAfterMs: 7_200_000 }), steady(), NOW, 0))).toBe(3_600_000);
  });

  it('is not cut by jitter', () => {
    expect(waitOf(decideRetry(failed({ retryAfterMs: 30_000 }), policyWith(), NOW, 0.01))).toBe(30_000);
  });
});

describe('the total time-out', () => {
  const policy = policyWith({ total_timeout_s: 60, retry: { jitter: false } });
  const at = (begunAgoMs: number) => decideRetry(failed({ begunAt: NOW - begunAgoMs }), policy, NOW, 0);

  it('abandons a run whose retry would come at it or after it, and says so', () => {
    const givenUp = { kind: 'give up', state: 'abandoned', reason: 'total timeout' };
    expect([at(55_000), at(90_000)]).toEqual([givenUp, givenUp]);
  });

  it('leaves a retry that still comes before it', () => {
    expect(waitOf(at(54_999))).toBe(5_000);
  });

  it('counts from the first start, not from the last attempt', () => {
    const second = failed({ attempt: 2, begunAt: NOW - 50_000 });
    expect(decideRetry(second, policy, NOW, 0)).toMatchObject({ reason: 'total timeout' });
  });
});
