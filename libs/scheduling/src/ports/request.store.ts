import { type Actor, type JobContext } from '@ecron/domain';

/** Requests that reach analysis by the queue. */
export abstract class QueuedRequestStore {
  /**
   * Starts a run of a stored job under the caller's execute id, in the job's tenant. An id that exists is left
   * as it is, so a repeated message finds its row. False: there is no such job, as many of its runs
   * wait as may, or the id is of the kind that only slots get.
   * @param by on record for a row that is written
   * @param context what to run instead of what is stored; null: the job as it stands
   */
  abstract requestRun(
    jobId: string,
    executeId: string,
    now: number,
    by: Actor,
    context?: JobContext | null,
  ): Promise<boolean>;
}
