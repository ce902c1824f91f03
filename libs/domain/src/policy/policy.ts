import {
  type Completion,
  type DstRule,
  type JobMode,
  type NodeLostSetting,
  type PolicySettings,
} from '../job/job.js';
import { type Caps } from './caps.js';
import { type Quotas } from './quotas.js';

/** Deployment-wide values that a job's missing members fall back to (configuration keys of the same meaning). */
export interface PolicyDefaults {
  maxAttempts: number;
  completion: Completion;
  /** How much may be under way at a time; left out: as much as the nodes can take. */
  caps?: Caps;
  /** What callers of a tenant may have or ask for; left out: as much as they like. */
  quotas?: Quotas;
  /** Of modes beyond the contract's, as their executors declare them. */
  modes?: Readonly<Record<JobMode, ModeDefaults>>;
}

/**
 * What becomes of a running attempt whose node died or shuts down. Re-attach: its work lives on elsewhere (Kubernetes),
 * so another node goes on with the same attempt; jobs cannot choose it, and what they choose is not asked where it holds.
 */
export type NodeLost = NodeLostSetting | 're-attach';

/** What the executor of commands in a cluster is registered for, and such runs get their policy by; no job names it. */
export const CLUSTER_COMMAND = 'exe+kubernetes';

/** Where a job's policy says nothing, these go by its mode. */
export interface ModeDefaults {
  /** Seconds for one attempt. */
  timeoutS: number;
  nodeLost: NodeLost;
}

/** The policy in force: complete, in milliseconds, nothing left to default downstream. */
export interface Policy {
  overlap: 'skip';
  misfire: { policy: 'latest'; graceMs: number; windowMs: number; max: number };
  retry: { maxAttempts: number; baseMs: number; factor: number; capMs: number; jitter: boolean };
  /** Per attempt. */
  timeoutMs: number;
  nodeLost: NodeLost;
  /** Over all attempts, from the first start. */
  totalTimeoutMs: number;
  completion: Completion;
  callbackTimeoutMs: number;
  dst: DstRule;
}

const HTTP: ModeDefaults = { timeoutS: 60, nodeLost: 'retry' };
const CONTRACT_MODES: Readonly<Record<JobMode, ModeDefaults>> = {
  http: HTTP,
  https: HTTP,
  exe: { timeoutS: 3600, nodeLost: 'interrupt' },
  [CLUSTER_COMMAND]: { timeoutS: 3600, nodeLost: 're-attach' },
};

/** What a mode that nobody has declared gets is that of HTTP. */
export function modeDefaults(mode: JobMode, { modes = {} }: Pick<PolicyDefaults, 'modes'>): ModeDefaults {
  const known = Object.hasOwn(CONTRACT_MODES, mode) ? CONTRACT_MODES : modes;
  return (Object.hasOwn(known, mode) ? known[mode] : undefined) ?? HTTP;
}

/** Completes a job's own settings from the deployment's defaults; DESIGN §6 has the numbers. */
export function resolvePolicy(settings: PolicySettings, mode: JobMode, defaults: PolicyDefaults): Policy {
  const { misfire = {}, retry = {} } = settings;
  const { timeoutS, nodeLost } = modeDefaults(mode, defaults);
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
    timeoutMs: (settings.timeout_s ?? timeoutS) * 1000,
    nodeLost: nodeLost === 're-attach' ? nodeLost : (settings.node_lost ?? nodeLost),
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
    node_lost: policy.nodeLost === 're-attach' ? 'interrupt' : policy.nodeLost,
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
