import { type HeldRow } from './claim.store.js';

/** Rows that are sent together, in their traces. */
export interface DispatchTrace {
  /** W3C Trace Context of each dispatch, in the order of the rows. */
  readonly traceparents: readonly string[];
  /** Once, when the broker has them, or has refused them. */
  end(error: Error | null): void;
}

/** Follows dispatches for a trace; there is none where tracing is off. It never fails and never waits. */
export abstract class DispatchTracer {
  abstract begin(rows: readonly HeldRow[]): DispatchTrace;
}
