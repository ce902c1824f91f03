import { type ContextFault, type JobContext, type JobMode, type JsonObject } from '@ecron/domain';

/** The modes that jobs of this deployment can have, and what the executors behind them ask of a job. */
export abstract class JobModes {
  abstract readonly names: readonly JobMode[];

  /**
   * What a mode wants to be kept of `info.<mode>`; null: nothing.
   * @throws ApiError when the mode has options and these are not of their shape
   */
  abstract readOptions(mode: JobMode, sent: unknown): JsonObject | null;

  /** What the executor has against a complete context, beyond what the mode's options say; null: nothing. */
  abstract findFault(context: JobContext): ContextFault | null;
}
