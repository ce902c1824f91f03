import { type Attempt, type AttemptOutcome } from '../execution/execution.js';
import { type ExecutionState } from '../execution/state.js';
import { isTooDeep } from '../job/json-depth.js';
import { isJsonObject } from '../job/json-value.js';
import { parseInstant } from '../time/instant.js';
import { readJson } from './legacy-values.js';

export interface Executor {
  id: string;
  at: number;
}

/** Who started a run, and when; what is no list of these counts as none. */
export function readExecutors(text: string | null, fallback: number): Executor[] {
  const read = readJson(text);
  if (!Array.isArray(read)) return [];
  return read.filter(isJsonObject).map(({ executor_id: id, executed_at: at }) => ({
    id: typeof id === 'string' ? id : '',
    at: (typeof at === 'string' ? parseInstant(at) : null) ?? fallback,
  }));
}

const LAST_OUTCOME: Partial<Record<ExecutionState, AttemptOutcome>> = {
  succeeded: 'succeeded',
  accepted: 'accepted',
  interrupted: 'interrupted',
};

/** There each further start followed a failed one. */
export function toAttempts(executors: Executor[], state: ExecutionState, endedAt: number | null): Attempt[] {
  return executors.map(({ id, at }, n) => {
    const next = executors[n + 1];
    return {
      attempt: n + 1,
      node_id: id,
      started_at: at,
      ended_at: next?.at ?? endedAt ?? at,
      outcome: next === undefined ? (LAST_OUTCOME[state] ?? 'failed') : 'failed',
    };
  });
}

export interface ExtInfo {
  /** Null: the row does not say. */
  isDeleted: boolean | null;
  tenantId: string | null;
  /** JSON text. */
  result: string | null;
  /** So its result is left out: it could not be written again. */
  isTooDeep: boolean;
}

/** What is missing or no JSON is null. */
export function readExtInfo(text: string | null): ExtInfo {
  const read = readJson(text);
  const { is_deleted: flag, tenant_id: tenant, result } = isJsonObject(read) ? read : {};
  const isLeftOut = isTooDeep(result);
  return {
    isDeleted: flag === undefined || flag === null ? null : Number(flag) === 1,
    tenantId: typeof tenant === 'string' ? tenant : null,
    result: result === undefined || result === null || isLeftOut ? null : JSON.stringify(result),
    isTooDeep: isLeftOut,
  };
}
