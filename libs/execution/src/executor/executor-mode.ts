import { CLUSTER_COMMAND, type JobContext, type JsonValue } from '@ecron/domain';

/** What the executor of a context is registered for: its mode, but for commands that are to run in a cluster. */
export function executorModeOf({ mode, info }: JobContext): string {
  return mode === 'exe' && says(info.kubernetes) ? CLUSTER_COMMAND : mode;
}

/** Old clients send the member with nothing in it. */
function says(value: JsonValue): boolean {
  if (value === null || typeof value !== 'object') return Boolean(value);
  return Object.values(value).some(says);
}
