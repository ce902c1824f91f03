import fc from 'fast-check';
import { resolvePolicy } from './policy.js';
import { decideRetry } from './retry.js';

const NOW = 1_800_000_000_000;
const RUNS = { seed: 20_261_125, numRuns: 500 };

const policies = fc
  .record({
    max_attempts: fc.integer({ min: 1, max: 1000 }),
    base_s: fc.integer({ min: 0, max: 86_400 }),
    factor: fc.integer({ min: 1, max: 100 }),
    cap_s: fc.nat(1_000_000),
    jitter: fc.boolean(),
  })
  .map((retry) => resolvePolicy({ retry }, 'http', { maxAttempts: 3, completion: 'auto' }));
const failures = fc.record({
  attempt: fc.integer({ min: 1, max: 1001 }),
  retryable: fc.boolean(),
  begunAt: fc.integer({ min: NOW - 100_000_000, max: NOW }),
  retryAfterMs: fc.nat(10_000_000),
});
const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a retry', () => {
  it('is a whole millisecond, never before now, never later than the cap', () => {
    fc.assert(
      fc.property(failures, policies, chances, (failed, policy, random) => {
        const decision = decideRetry(failed, policy, NOW, random);
        if (decision.kind !== 'retry') return;
        expect(Number.isInteger(decision.notBefore)).toBe(true);
        expect(decision.notBefore).toBeGreaterThanOrEqual(NOW);
        expect(decision.notBefore).toBeLessThanOrEqual(NOW + policy.retry.capMs);
      }),
      RUNS,
    );
  });

  it('follows only an attempt that leaves another, and always ends before the total time-out', () => {
    fc.assert(
      fc.property(failures, policies, chances, (failed, policy, random) => {
        const decision = decideRetry(failed, policy, NOW, random);
        const mayGoOn = failed.retryable && failed.attempt < policy.retry.maxAttempts;
        if (decision.kind === 'give up') {
          expect(decision.state).toBe(failed.retryable ? 'abandoned' : 'failed');
          expect(decision.reason).toBe(mayGoOn ? 'total timeout' : '');
        } else {
          expect(mayGoOn).toBe(true);
          expect(decision.notBefore).toBeLessThan(failed.begunAt + policy.totalTimeoutMs);
        }
      }),
      RUNS,
    );
  });

  it('never comes earlier for a higher throw of the dice, or a target that asks for more', () => {
    const waitOf = (...args: Parameters<typeof decideRetry>): number => {
      const decision = decideRetry(...args);
      return decision.kind === 'retry' ? decision.notBefore : Infinity;
    };
    fc.assert(
      fc.property(
        failures,
        policies,
        chances,
        chances,
        fc.nat(1_000_000),
        (failed, policy, one, two, more) => {
          const [low, high] = [Math.min(one, two), Math.max(one, two)];
          const patient = { ...failed, retryAfterMs: failed.retryAfterMs + more };
          expect(waitOf(failed, policy, NOW, low)).toBeLessThanOrEqual(waitOf(failed, policy, NOW, high));
          expect(waitOf(failed, policy, NOW, low)).toBeLessThanOrEqual(waitOf(patient, policy, NOW, low));
        },
      ),
      RUNS,
    );
  });
});
