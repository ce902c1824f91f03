import { type Outcome } from '@ecron/domain';
import { type StartedRun } from './run.store.js';

/** One attempt in a trace. */
export interface AttemptTrace {
  /** W3C Trace Context, for its target. */
  readonly traceparent: string;
  /** Once, when the work has ended. */
  end(outcome: Outcome): void;
}

/** Follows attempts for a trace; there is none where tracing is off. It never fails and never waits. */
export abstract class AttemptTracer {
  /** Rows that were sent here, and the contexts of their dispatches in the same order: what their attempts come from. */
  abstract heard(executeIds: readonly string[], traceparents: readonly string[]): void;
  abstract begin(run: StartedRun): AttemptTrace;
}
