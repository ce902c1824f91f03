import { type JobMode, type Outcome } from '@ecron/domain';
import { type AttemptWatch } from '../ports/attempt-watch.js';
import { type AttemptRequest, type Executor } from './executor.js';

/** The same executor, whose attempts of a mode are watched. */
export function watchedExecutor(executor: Executor, mode: JobMode, watch: AttemptWatch): Executor {
  const run = async (attempt: AttemptRequest, signal: AbortSignal): Promise<Outcome> => {
    const end = watch.begin(mode, attempt);
    return executor.run(attempt, signal).finally(end);
  };
  return Object.assign(Object.create(executor) as Executor, { run });
}
