import {
  type ContextFault,
  isHttpMode,
  type JobContext,
  type JobMode,
  type Policy,
  type PolicyDefaults,
  type PolicySettings,
  resolvePolicy,
  sparsePolicy,
  validateHttpContext,
} from '@ecron/domain';
import { refuse } from '../errors.js';
import { type JobModes } from '../ports/job-modes.js';
import { keepSecrets, type StoredInfo } from '../secrets/keep-secrets.js';
import { readHttpInfo } from './http-info.js';
import { type ContextInput, type InfoInput } from './job-input.js';
import { MAX_CONTEXT_BYTES } from './read-fields.js';
import { readNotify } from './read-notify.js';

/**
 * The context as it is meant, secrets in the clear: what a client left out is completed; what the mode asks of it holds.
 * `stored` is what an edit replaces: a secret sent back masked is kept from there.
 */
export function readContext(
  input: ContextInput,
  mode: JobMode,
  modes: JobModes,
  stored: StoredInfo | null = null,
): JobContext {
  const info = input.info ?? {};
  const options = modes.readOptions(mode, (info as Record<string, unknown>)[mode]);
  const context = completeContext(input, mode, {
    ...completeInfo(info, stored),
    ...(options !== null && { [mode]: options }),
  });
  const fault = findModeFault(context) ?? modes.findFault(context);
  if (fault !== null) throw refuse.field(fault.path, fault.rule);
  return context;
}

/** Every member is present when it is read back. */
function completeContext(input: ContextInput, mode: JobMode, info: JobContext['info']): JobContext {
  return {
    mode,
    exec: input.exec ?? '',
    info,
    notify: readNotify(input.notify ?? {}, 'job_context.notify.'),
    begin_at: input.begin_at ?? '',
    end_at: input.end_at ?? '',
    execute_id: input.execute_id ?? '',
  };
}

function completeInfo(info: InfoInput, stored: StoredInfo | null): JobContext['info'] {
  const { headers, body, ...ours } = keepSecrets(info, stored);
  return {
    method: info.method ?? '',
    params: info.params ?? null,
    headers,
    body,
    kubernetes: info.kubernetes ?? null,
    ...ours,
    ...readHttpInfo(info, stored),
  };
}

/** What the contract asks of its own modes. */
function findModeFault(context: JobContext): ContextFault | null {
  if (isHttpMode(context.mode)) return validateHttpContext(context);
  return context.mode === 'exe' ? findExeFault(context) : null;
}

function findExeFault(context: JobContext): ContextFault | null {
  return context.exec.trim() === '' ? { path: 'job_context.exec', rule: 'must not be empty' } : null;
}

/** Counts what the client set: neither the members we complete nor a policy that equals the defaults. */
export function checkContextSize({ info, notify, ...rest }: JobContext, policy: PolicySettings): void {
  const counted = {
    ...membersSet(rest),
    info: membersSet(info),
    ...(notify.webhook !== '' && { notify }),
    ...(Object.keys(policy).length > 0 && { policy }),
  };
  if (Buffer.byteLength(JSON.stringify(counted)) > MAX_CONTEXT_BYTES) {
    throw refuse.field('job_context', `must have at most ${MAX_CONTEXT_BYTES} bytes`);
  }
}

function membersSet(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== '' && value !== null));
}

/** Seconds: an HTTP attempt holds a connection, so it may not take as long as a command. */
const MAX_HTTP_TIMEOUT_S = 1800;

/** The policy to store: what the client set and what is not the default anyway. */
export function readPolicy(input: ContextInput, mode: JobMode, defaults: PolicyDefaults): PolicySettings {
  const sent = input.policy ?? {};
  if (isHttpMode(mode) && (sent.timeout_s ?? 0) > MAX_HTTP_TIMEOUT_S) {
    throw refuse.field('job_context.policy.timeout_s', `must not be greater than ${MAX_HTTP_TIMEOUT_S}`);
  }
  // A null member means the default, which sparsePolicy leaves out.
  const policy = sparsePolicy(sent as PolicySettings, mode, defaults);
  checkGrace(policy, resolvePolicy(policy, mode, defaults));
  return policy;
}

/** A slot within its grace runs whatever the window says, so a longer grace would say two things at once. */
function checkGrace(sent: PolicySettings, { misfire: { graceMs, windowMs } }: Policy): void {
  // A window shorter than the usual grace is a way to say that nothing runs late.
  if (sent.misfire?.grace_s === undefined || graceMs <= windowMs) return;
  const rule = `must not be greater than window_s (${windowMs / 1000})`;
  throw refuse.field('job_context.policy.misfire.grace_s', rule);
}
