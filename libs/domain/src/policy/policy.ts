import { type Completion, type DstRule, type JobMode, type PolicySettings } from '../job/job.js';

/** Deployment-wide values that a job's missing members fall back to (configuration keys of the same meaning). */
export interface PolicyDefaults {
  maxAttempts: number;
  completion: Completion;
}

/** The policy in force: complete, in milliseconds, nothing left to default downstream. */
export interface Policy {
  overlap: 'skip';
  misfire: { policy: 'latest'; graceMs: number; windowMs: number; max: number };
  retry: { maxAttempts: number; baseMs: number; factor: number; capMs: number; jitter: boolean };
  /** Per attempt. */
  timeoutMs: number;
  /** Over all attempts, from the first start. */
  totalTimeoutMs: number;
  completion: Completion;
  callbackTimeoutMs: number;
  dst: DstRule;
}

const ATTEMPT_TIMEOUT_S: Record<JobMode, number> = { http: 60, https: 60, exe: 3600 };

/** Completes a job's own settings from the deployment's defaults; DESIGN §6 has the numbers. */
export function resolvePolicy(settings: PolicySettings, mode: JobMode, defaults: PolicyDefaults): Policy {
  const { misfire = {}, retry = {} } = settings;
  return {
    overlap: settings.overlap ?? 'skip',
    misfire: {
      policy: misfire.policy ?? 'latest',
      graceMs: (misfire.grace_s ?? 60) * 1000,
      windowMs: (misfire.window_s ?? 3600) * 1000,
      max: misfire.max ?? 10,
    },
    retry: {
      maxAttempts: retry.max_attempts ?? defaults.maxAttempts,
      baseMs: (retry.base_s ?? 5) * 1000,
      factor: retry.factor ?? 2,
      capMs: (retry.cap_s ?? 3600) * 1000,
      jitter: retry.jitter ?? true,
    },
    timeoutMs: (settings.timeout_s ?? ATTEMPT_TIMEOUT_S[mode]) * 1000,
    totalTimeoutMs: (settings.total_timeout_s ?? 86_400) * 1000,
    completion: settings.completion ?? defaults.completion,
    callbackTimeoutMs: (settings.callback_timeout_s ?? 3600) * 1000,
    dst: settings.dst ?? 'default',
  };
}

/** The policy as the API shows it: every member present. */
export function showPolicy(policy: Policy): Required<PolicySettings> {
  const { misfire, retry } = policy;
  return {
    overlap: policy.overlap,
    misfire: {
      policy: misfire.policy,
      grace_s: misfire.graceMs / 1000,
      window_s: misfire.windowMs / 1000,
      max: misfire.max,
    },
    retry: {
      max_attempts: retry.maxAttempts,
      base_s: retry.baseMs / 1000,
      factor: retry.factor,
      cap_s: retry.capMs / 1000,
      jitter: retry.jitter,
    },
    timeout_s: policy.timeoutMs / 1000,
    total_timeout_s: policy.totalTimeoutMs / 1000,
    completion: policy.completion,
    callback_timeout_s: policy.callbackTimeoutMs / 1000,
    dst: policy.dst,
  };
}

/**
 * Leaves out of `settings` what equals the default, so that an answer that is sent back unchanged
 * does not freeze today's defaults into the job.
 */
export function sparsePolicy(
  settings: PolicySettings,
  mode: JobMode,
  defaults: PolicyDefaults,
): PolicySettings {
  const standard = showPolicy(resolvePolicy({}, mode, defaults));
  return without(settings, standard);
}

function without(value: object, standard: object): object {
  const own = Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    const usual = (standard as Record<string, unknown>)[key];
    if (member === undefined || member === null || member === usual) return [];
    if (typeof member !== 'object' || typeof usual !== 'object' || usual === null) return [[key, member]];
    const rest = without(member, usual);
    return Object.keys(rest).length === 0 ? [] : [[key, rest]];
  });
  return Object.fromEntries(own) as object;
}

/** DI token of the deployment's {@link PolicyDefaults}. */
export const POLICY_DEFAULTS = Symbol('POLICY_DEFAULTS');
