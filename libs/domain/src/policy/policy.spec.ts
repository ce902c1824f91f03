import fc from 'fast-check';
import { JOB_MODES, type PolicySettings } from '../job/job.js';
import { type Policy, type PolicyDefaults, resolvePolicy, showPolicy, sparsePolicy } from './policy.js';

const DEFAULTS: PolicyDefaults = { maxAttempts: 3, completion: 'auto' };
const RUNS = { seed: 20_261_124, numRuns: 300 };

/** Half seconds are exact in floating point, so that nothing is lost between seconds and milliseconds. */
const seconds = fc.nat(200_000).map((halves) => halves / 2);
const modes = fc.constantFrom(...JOB_MODES);
const defaults: fc.Arbitrary<PolicyDefaults> = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 5 }),
  completion: fc.constantFrom('auto', 'response', 'callback'),
});
const settings: fc.Arbitrary<PolicySettings> = fc.record(
  {
    overlap: fc.constant('skip'),
    misfire: fc.record(
      {
        policy: fc.constant('latest'),
        grace_s: seconds,
        window_s: seconds,
        max: fc.integer({ min: 8, max: 12 }),
      },
      { requiredKeys: [] },
    ),
    retry: fc.record(
      {
        max_attempts: fc.integer({ min: 1, max: 5 }),
        base_s: fc.integer({ min: 4, max: 6 }),
        factor: fc.integer({ min: 1, max: 3 }),
        cap_s: seconds,
        jitter: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    timeout_s: fc.constantFrom(0.5, 60, 3600),
    total_timeout_s: fc.constantFrom(1, 86_400),
    completion: fc.constantFrom('auto', 'response', 'callback'),
    callback_timeout_s: fc.constantFrom(1, 3600),
    node_lost: fc.constantFrom('retry' as const, 'interrupt' as const),
    dst: fc.constantFrom('default', 'robfig'),
  },
  { requiredKeys: [] },
);

describe('the policy of a job that sets none', () => {
  const policy: Policy = {
    overlap: 'skip',
    misfire: { policy: 'latest', graceMs: 60_000, windowMs: 3_600_000, max: 10 },
    retry: { maxAttempts: 3, baseMs: 5_000, factor: 2, capMs: 3_600_000, jitter: true },
    timeoutMs: 60_000,
    nodeLost: 'retry',
    totalTimeoutMs: 86_400_000,
    completion: 'auto',
    callbackTimeoutMs: 3_600_000,
    dst: 'default',
  };

  it('is complete, in milliseconds', () => {
    expect(resolvePolicy({}, 'http', DEFAULTS)).toEqual(policy);
  });

  it('gives a command an hour for an attempt, a request a minute', () => {
    expect(JOB_MODES.map((mode) => [mode, resolvePolicy({}, mode, DEFAULTS).timeoutMs])).toEqual([
      ['http', 60_000],
      ['https', 60_000],
      ['exe', 3_600_000],
    ]);
  });

  it('tries requests again whose node is lost, and no command', () => {
    expect(JOB_MODES.map((mode) => resolvePolicy({}, mode, DEFAULTS).nodeLost)).toEqual([
      'retry',
      'retry',
      'interrupt',
    ]);
  });

  describe('in a mode beyond the contract', () => {
    const modes = {
      demo: { timeoutS: 5, nodeLost: 'interrupt' },
      exe: { timeoutS: 1, nodeLost: 'retry' },
    } as const;
    const policyIn = (mode: string) => resolvePolicy({}, mode, { ...DEFAULTS, modes });

    it('has what its executor declares', () => {
      expect(policyIn('demo')).toMatchObject({ timeoutMs: 5_000, nodeLost: 'interrupt' });
    });

    it.each(['unheard-of', 'toString'])('is that of HTTP where nobody has declared it: %s', (mode) => {
      expect(policyIn(mode)).toEqual(policyIn('http'));
    });

    it('leaves the modes of the contract alone', () => {
      expect(policyIn('exe').timeoutMs).toBe(3_600_000);
    });
  });

  it('takes attempts and completion from the deployment', () => {
    const resolved = resolvePolicy({}, 'http', { maxAttempts: 7, completion: 'callback' });
    expect([resolved.retry.maxAttempts, resolved.completion]).toEqual([7, 'callback']);
  });
});

describe('what a job sets', () => {
  it.each<[PolicySettings, Partial<Policy>]>([
    [{ timeout_s: 0.3 }, { timeoutMs: 300 }],
    [{ total_timeout_s: 10 }, { totalTimeoutMs: 10_000 }],
    [{ callback_timeout_s: 1 }, { callbackTimeoutMs: 1_000 }],
    [{ node_lost: 'interrupt' }, { nodeLost: 'interrupt' }],
    [{ completion: 'response' }, { completion: 'response' }],
    [{ dst: 'robfig' }, { dst: 'robfig' }],
  ])('%j wins over the default', (own, expected) => {
    expect(resolvePolicy(own, 'http', DEFAULTS)).toEqual({
      ...resolvePolicy({}, 'http', DEFAULTS),
      ...expected,
    });
  });

  it('leaves the other members of a group at their defaults', () => {
    const { misfire, retry } = resolvePolicy(
      { misfire: { grace_s: 1 }, retry: { jitter: false } },
      'http',
      DEFAULTS,
    );
    expect(misfire).toEqual({ policy: 'latest', graceMs: 1_000, windowMs: 3_600_000, max: 10 });
    expect(retry).toEqual({ maxAttempts: 3, baseMs: 5_000, factor: 2, capMs: 3_600_000, jitter: false });
  });

  it('may be nought, which is not the default', () => {
    const { misfire, retry } = resolvePolicy(
      { misfire: { grace_s: 0 }, retry: { base_s: 0 } },
      'http',
      DEFAULTS,
    );
    expect([misfire.graceMs, retry.baseMs]).toEqual([0, 0]);
  });
});

describe('the policy that is shown', () => {
  it('means what it is the picture of', () => {
    fc.assert(
      fc.property(settings, modes, defaults, defaults, (own, mode, now, later) => {
        const policy = resolvePolicy(own, mode, now);
        expect(resolvePolicy(showPolicy(policy), mode, later)).toEqual(policy);
      }),
      RUNS,
    );
  });
});

describe('the policy that is stored', () => {
  it('is empty for a policy that is sent back as it was shown', () => {
    for (const mode of JOB_MODES) {
      expect(sparsePolicy(showPolicy(resolvePolicy({}, mode, DEFAULTS)), mode, DEFAULTS)).toEqual({});
    }
  });

  it('keeps of a group what differs, and drops a group where nothing does', () => {
    const own: PolicySettings = {
      retry: { max_attempts: 5, base_s: 5 },
      misfire: { grace_s: 60 },
      timeout_s: 61,
    };
    expect(sparsePolicy(own, 'http', DEFAULTS)).toEqual({ retry: { max_attempts: 5 }, timeout_s: 61 });
  });

  it('keeps the default of another mode', () => {
    expect(sparsePolicy({ timeout_s: 60 }, 'exe', DEFAULTS)).toEqual({ timeout_s: 60 });
  });

  it('has no members that are null', () => {
    const sent = { timeout_s: null, retry: { jitter: null }, misfire: null } as unknown as PolicySettings;
    expect(sparsePolicy(sent, 'http', DEFAULTS)).toEqual({});
  });

  it('means the same as what was sent, and cannot be made smaller', () => {
    fc.assert(
      fc.property(settings, modes, defaults, (own, mode, now) => {
        const sparse = sparsePolicy(own, mode, now);
        expect(resolvePolicy(sparse, mode, now)).toEqual(resolvePolicy(own, mode, now));
        expect(sparsePolicy(sparse, mode, now)).toEqual(sparse);
      }),
      RUNS,
    );
  });

  it('lets what was not set follow the defaults of the day', () => {
    const sparse = sparsePolicy(showPolicy(resolvePolicy({}, 'http', DEFAULTS)), 'http', DEFAULTS);
    expect(resolvePolicy(sparse, 'http', { ...DEFAULTS, maxAttempts: 9 }).retry.maxAttempts).toBe(9);
  });
});
