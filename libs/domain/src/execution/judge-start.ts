import { type Policy } from '../policy/policy.js';
import { type Execution, type Reason } from './execution.js';

/** What a start knows of a row before it may run. */
export interface StartCandidate extends Pick<Execution, 'slotAt' | 'trigger' | 'begunAt'> {
  /** First seen due after this instant the slot is misfired; null: judged. */
  misfireAt: number | null;
  /** Why it was cancelled, which its last attempt did not learn; '': it was not. */
  cancelReason: Reason;
  /** False: the run belongs to no stored job. */
  belongsToJob: boolean;
  /** The stored job as it stands; null: there is none (any more). */
  job: { enabled: boolean } | null;
}

export type StartVerdict =
  | { kind: 'may run' }
  /** Analysis has to judge it first: nothing is written. */
  | { kind: 'leave' }
  | { kind: 'end'; state: 'interrupted' | 'abandoned'; reason: Reason };

/** Whether a waiting row that is due may start, apart from what else of its job is running. */
export function judgeStart(row: StartCandidate, policy: Policy, now: number): StartVerdict {
  if (row.cancelReason !== '') return { kind: 'end', state: 'interrupted', reason: row.cancelReason };
  if (row.belongsToJob && row.job === null)
    return { kind: 'end', state: 'interrupted', reason: 'job deleted' };
  if (row.trigger === 'schedule' && row.job?.enabled === false) {
    return { kind: 'end', state: 'interrupted', reason: 'job disabled' };
  }
  if (row.begunAt !== null && now >= row.begunAt + policy.totalTimeoutMs) {
    return { kind: 'end', state: 'abandoned', reason: 'total timeout' };
  }
  return row.misfireAt !== null && row.misfireAt < now ? { kind: 'leave' } : { kind: 'may run' };
}
