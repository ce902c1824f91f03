import {
  type JobContext,
  type JobMode,
  type PolicyDefaults,
  type PolicySettings,
  sparsePolicy,
  validateHttpContext,
} from '@ecron/domain';
import { refuse } from '../errors.js';
import { type ContextInput, type InfoInput } from './job-input.js';
import { MAX_CONTEXT_BYTES } from './read-fields.js';

/** Completes what a client left out, so that every member is present when it is read back. */
export function completeContext(input: ContextInput, mode: JobMode): JobContext {
  return {
    mode,
    exec: input.exec ?? '',
    info: completeInfo(input.info ?? {}),
    notify: { webhook: input.notify?.webhook ?? '' },
    begin_at: input.begin_at ?? '',
    end_at: input.end_at ?? '',
    execute_id: input.execute_id ?? '',
  };
}

function completeInfo(info: InfoInput): JobContext['info'] {
  return {
    method: info.method ?? '',
    params: info.params ?? null,
    headers: info.headers ?? null,
    body: info.body ?? null,
    kubernetes: info.kubernetes ?? null,
  };
}

/** What the mode asks of its context, then the size. */
export function checkContext(context: JobContext): void {
  const fault = context.mode === 'exe' ? findExeFault(context) : validateHttpContext(context);
  if (fault !== null) throw refuse.field(fault.path, fault.rule);
}

function findExeFault(context: JobContext): { path: string; rule: string } | null {
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
  if (mode !== 'exe' && (sent.timeout_s ?? 0) > MAX_HTTP_TIMEOUT_S) {
    throw refuse.field('job_context.policy.timeout_s', `must not be greater than ${MAX_HTTP_TIMEOUT_S}`);
  }
  // A null member means the default, which sparsePolicy leaves out.
  return sparsePolicy(sent as PolicySettings, mode, defaults);
}
