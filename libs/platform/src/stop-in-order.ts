import { type LoggerService } from '@nestjs/common';

/** How long a step may take unless it says otherwise: what waits for a database that is gone would wait for ever. */
const STEP_MS = 10_000;

export interface StopStep {
  /** For the log. */
  name: string;
  stop: () => unknown;
  /** Default 10 s; Infinity: the step has its own. */
  deadlineMs?: number;
}

/** Takes every step, in this order: one that fails, or is not done by its deadline, is logged and passed over. */
export async function stopInOrder(
  steps: readonly StopStep[],
  logger: Pick<LoggerService, 'error'>,
): Promise<void> {
  for (const step of steps) {
    try {
      await takeStep(step);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      logger.error({
        event: 'stop.step_failed',
        step: step.name,
        msg: `not stopped cleanly: ${step.name}: ${text}`,
      });
    }
  }
}

async function takeStep({ stop, deadlineMs = STEP_MS }: StopStep): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    if (deadlineMs === Infinity) return;
    timer = setTimeout(() => reject(new Error(`not done after ${deadlineMs} ms`)), deadlineMs);
  });
  await Promise.race([stop(), late]).finally(() => clearTimeout(timer));
}
