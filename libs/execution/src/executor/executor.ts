import { type Completion, type JobContext, type Outcome } from '@ecron/domain';

/** How much of what a target gave is kept as an execution's result: 64 KB of JSON text in UTF-8. */
export const RESULT_LIMIT_BYTES = 65_536;

/** All that an executor needs to carry out one attempt. */
export interface AttemptRequest {
  executeId: string;
  jobId: string;
  /** The due instant in epoch milliseconds; null for a request. */
  slotAt: number | null;
  /** IANA zone in which the slot is shown to the target. */
  zone: string;
  /** From 1; the execute id stays the same over all attempts. */
  attempt: number;
  context: JobContext;
  completion: Completion;
  /** For the whole attempt: waiting for a connection, redirects and the body of the answer included. */
  timeoutMs: number;
  /** `{webhook}/{execute_id}`, with a query where callbacks need a key: where the target may report its result. */
  webhookPath: string;
}

/**
 * Carries out attempts of the modes it is registered for by `@JobExecutor`. Safe for any number of
 * concurrent runs.
 */
export abstract class Executor {
  /**
   * Resolves soon after `signal` aborts, at the latest when `timeoutMs` have passed. Rejects only when the
   * executor itself is broken; errors are short sentences for people, never a stack.
   */
  abstract run(attempt: AttemptRequest, signal: AbortSignal): Promise<Outcome>;

  /** Gives connections back once the runs in flight have ended. May be called twice. */
  close?(): Promise<void>;
}
