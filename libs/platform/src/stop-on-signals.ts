import { type ProcessRole } from '@ecron/config';
import { type Logger } from '@ecron/observability';

/** What a signal stops: nothing yet, until the services run. */
export interface Stopping {
  stopWith(stop: () => Promise<void>): void;
}

/** Ends the process on SIGINT and SIGTERM: with code 0 once it has stopped, with 1 at once on a second signal. */
export function stopOnSignals(log: Logger, role: ProcessRole): Stopping {
  let stop = async (): Promise<void> => undefined;
  let isStopping = false;
  const onSignal = async (): Promise<void> => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ event: `${role}.stopping` }, 'stopping: running attempts may finish');
    await stop();
    log.info({ event: `${role}.stopped` }, 'stopped');
    process.exit(0);
  };
  const fail = (error: unknown): never => {
    log.error({ event: `${role}.stop_failed`, err: error }, 'not stopped cleanly');
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void onSignal().catch(fail));
  return { stopWith: (work) => void (stop = work) };
}
