import { type Outcome } from '@ecron/domain';

/** A call of the API, as far as its span tells of it. */
export interface TracedCall {
  method: string;
  /** The path with its parameters' names in it, so that there are few of them. */
  route: string;
  /** The caller's own context, as it was sent. */
  traceparent: string | undefined;
}

/** The span of one call. */
export interface CallTrace {
  /** For what the call starts. */
  readonly traceparent: string;
  /** Once, when it is answered. */
  end(status: number): void;
}

/** A row that is sent to the management nodes. */
export interface DispatchedRow {
  executeId: string;
  /** Of the call that asked for the run; left out: it has a trace of its own. */
  traceparent?: string;
}

/** The spans of rows that are sent together. */
export interface DispatchTrace {
  /** For the attempts that follow, in the order of the rows. */
  readonly traceparents: readonly string[];
  /** Once, when the broker has them, or has refused them. */
  end(error: Error | null): void;
}

/** An attempt, as far as its span tells of it. */
export interface TracedRun {
  executeId: string;
  jobId: string;
  tenantId: string;
  attempt: number;
  context: { readonly mode: string };
  /** As in {@link DispatchedRow}. */
  traceparent?: string;
}

/** The span of one attempt. */
export interface AttemptTrace {
  /** For its target. */
  readonly traceparent: string;
  /** Once, when the work has ended. */
  end(outcome: Outcome): void;
}

/**
 * What becomes a span on the way from a call to a target. Nothing here fails, waits or writes: spans are sent from a
 * bounded queue, and dropped when it is full or the collector is away.
 *
 * A `traceparent` is the header of W3C Trace Context. An execution that no traced call asked for, of a slot mostly, has
 * a trace whose id follows from its execute id: every node finds the same one, and so does who knows the execute id.
 */
export interface Tracing {
  readonly calls: { begin(call: TracedCall): CallTrace };
  readonly dispatches: { begin(rows: readonly DispatchedRow[]): DispatchTrace };
  readonly attempts: {
    /** Rows that were sent here, and the contexts of their dispatches in the same order; what is no context is ignored. */
    heard(executeIds: readonly string[], traceparents: readonly string[]): void;
    begin(run: TracedRun): AttemptTrace;
  };
  /** Sends what is left, for 3 s at most. Idempotent; never rejects. */
  close(): Promise<void>;
}

/** Whose spans they are. */
export interface TracedService {
  /** The OpenTelemetry name, `ecron-management` say. */
  name: string;
  version: string;
  /** Of this process, new at each start. */
  instanceId: string;
}

export interface TracingSettings {
  /** Where spans are posted as OTLP over HTTP, in JSON. */
  url: string;
  /** The part of new traces that is recorded, from 0 to 1; a caller's own decision comes before it. */
  sampleRatio: number;
  service: TracedService;
}
