import { type Completion, type ContextFault, type JobContext, type Outcome } from '@ecron/domain';

/** How much of what a target gave is kept as an execution's result: 64 KB of JSON text in UTF-8. */
export const RESULT_LIMIT_BYTES = 65_536;

/** All that an executor needs to carry out one attempt. */
export interface AttemptRequest {
  executeId: string;
  jobId: string;
  tenantId: string;
  /** The due instant in epoch milliseconds; null for a request. */
  slotAt: number | null;
  /** IANA zone in which the slot is shown to the target. */
  zone: string;
  /** From 1; the execute id stays the same over all attempts. */
  attempt: number;
  /** The fence: what belongs to a start before this one is written no more. */
  epoch: number;
  context: JobContext;
  completion: Completion;
  /** For the whole attempt: waiting for a connection, redirects and the body of the answer included. */
  timeoutMs: number;
  /** `{webhook}/{execute_id}`, with a query where callbacks need a key: where the target may report its result. */
  webhookPath: string;
  /** W3C Trace Context of the attempt, for its target; left out where nothing is traced. */
  traceparent?: string;
}

/**
 * Why a signal aborts when nobody wants the run cancelled: its node shuts down, or counts as lost. Work that lives on
 * without the node (a Job in a cluster) is then left alone, for the next start of the same attempt to find.
 */
export const GIVEN_UP = Symbol('given up');

/**
 * Carries out attempts of the modes it is registered for by `@JobExecutor`. Safe for any number of
 * concurrent runs.
 */
export abstract class Executor {
  /**
   * Resolves when the work has really ended: soon after `signal` aborts or `timeoutMs` have passed (a command gets
   * 10 s to end by itself). Rejects only when the executor itself is broken; errors are short sentences for people,
   * never a stack.
   */
  abstract run(attempt: AttemptRequest, signal: AbortSignal): Promise<Outcome>;

  /**
   * What is wrong with a job's context, asked when it is saved; null: nothing. Must be pure and quick. Jobs that were saved
   * earlier, adopted or written elsewhere were never asked about, so `run` cannot rely on it.
   */
  check?(context: JobContext): ContextFault | null;

  /** Gives connections back once the runs in flight have ended. May be called twice. */
  close?(): Promise<void>;
}
