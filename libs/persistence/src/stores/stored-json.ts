import { type Attempt, type JobContext, type PolicySettings } from '@ecron/domain';

/** Hears what is wrong with a text that no edit of ours can have written. */
export type Tell = (rule: string) => void;
const TO_NOBODY: Tell = () => undefined;

/** Where it cannot be told whether a run may be tried again, it is not. */
const CAUTIOUS: PolicySettings = { retry: { max_attempts: 1 } };
/** What fits into every column that takes one. */
const MAX_NUMBER = 1e9;

/** Under a policy that cannot be read a run has one attempt, and the defaults else. */
export function toPolicy(text: string, tell = TO_NOBODY): PolicySettings {
  if (text === '{}') return {};
  const policy = parse(text);
  if (isPolicy(policy)) return policy;
  tell('its policy cannot be read: it has one attempt and else the defaults');
  return CAUTIOUS;
}

/** The policy a run goes by: its own members win over its job's. */
export function policyOf(
  row: { policy: string | null; stored_policy: string | null },
  tell = TO_NOBODY,
): PolicySettings {
  return { ...toPolicy(row.stored_policy ?? '{}', tell), ...toPolicy(row.policy ?? '{}', tell) };
}

/** Attempts that cannot be read are none. */
export function toAttempts(text: string | null, tell = TO_NOBODY): Attempt[] {
  if (text === null) return [];
  const attempts = parse(text);
  if (Array.isArray(attempts) && attempts.every(isObject)) return attempts as unknown as Attempt[];
  tell('its attempts cannot be read: they are dropped');
  return [];
}

/** A context that cannot be read is one that no executor takes: its run fails, and nothing else. */
export function toContext(text: string, tell = TO_NOBODY): JobContext {
  const context = parse(text);
  if (isContext(context)) return context;
  tell('its context cannot be read');
  const info = { method: '', params: null, headers: null, body: null, kubernetes: null };
  const empty = { notify: { webhook: '' }, begin_at: '', end_at: '', execute_id: '' };
  return { mode: 'unreadable', exec: '', info, ...empty };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPolicy(value: unknown): value is PolicySettings {
  if (!isObject(value)) return false;
  const { misfire = {}, retry = {}, ...own } = value;
  return [own, misfire, retry].every((group) => isObject(group) && hasAmounts(group));
}

const AMOUNTS = /(_s|^max|^max_attempts|^factor)$/;

function hasAmounts(group: Record<string, unknown>): boolean {
  return Object.entries(group).every(([name, member]) => !AMOUNTS.test(name) || isAmount(member));
}

function isAmount(value: unknown): boolean {
  return value === null || (typeof value === 'number' && value >= 0 && value <= MAX_NUMBER);
}

function isContext(value: unknown): value is JobContext {
  if (!isObject(value)) return false;
  return typeof value['mode'] === 'string' && typeof value['exec'] === 'string' && isObject(value['info']);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
