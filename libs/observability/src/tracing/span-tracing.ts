import { type Span, SpanKind, type SpanOptions, SpanStatusCode } from '@opentelemetry/api';
import { type Outcome } from '@ecron/domain';
import { HeardDispatches } from './heard-dispatches.js';
import { formatTraceparent, parseTraceparent } from './trace-context.js';
import {
  type AttemptTrace,
  type CallTrace,
  type DispatchedRow,
  type DispatchTrace,
  type TracedCall,
  type TracedRun,
  type Tracing,
} from './tracing.js';

/** Where a span belongs: under its parent, else into the trace of its execution, else into one of its own. */
interface Place {
  /** A `traceparent`; what is none counts as left out. */
  parent: string | null | undefined;
  executeId?: string;
}

export type StartSpan = (name: string, place: Place, options: SpanOptions) => Span;

const DISPATCH_TOPIC = 'cron.topic.job.execution';

/** The spans of this service: their names, their kinds and what they say. */
export class SpanTracing implements Tracing {
  private readonly dispatched = new HeardDispatches();

  constructor(
    private readonly start: StartSpan,
    readonly close: () => Promise<void>,
  ) {}

  readonly calls = { begin: (call: TracedCall): CallTrace => this.beginCall(call) };

  readonly dispatches = {
    begin: (rows: readonly DispatchedRow[]): DispatchTrace => this.beginDispatch(rows),
  };

  readonly attempts = {
    heard: (executeIds: readonly string[], traceparents: readonly string[]): void =>
      this.hear(executeIds, traceparents),
    begin: (run: TracedRun): AttemptTrace => this.beginAttempt(run),
  };

  private beginCall({ method, route, traceparent }: TracedCall): CallTrace {
    const attributes = { 'http.request.method': method, 'http.route': route };
    const options = { kind: SpanKind.SERVER, attributes };
    const span = this.start(`${method} ${route}`, { parent: traceparent }, options);
    const end = (status: number): void => {
      span.setAttribute('http.response.status_code', status);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    };
    return { traceparent: formatTraceparent(span.spanContext()), end };
  }

  private beginDispatch(rows: readonly DispatchedRow[]): DispatchTrace {
    const spans = rows.map((row) => this.startDispatch(row));
    const end = (error: Error | null): void => {
      for (const span of spans) {
        if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
        span.end();
      }
    };
    return { traceparents: spans.map((span) => formatTraceparent(span.spanContext())), end };
  }

  private startDispatch({ executeId, traceparent }: DispatchedRow): Span {
    const attributes = {
      'messaging.operation.type': 'send',
      'messaging.destination.name': DISPATCH_TOPIC,
      'ecron.execute_id': executeId,
    };
    return this.start(
      'dispatch',
      { parent: traceparent, executeId },
      { kind: SpanKind.PRODUCER, attributes },
    );
  }

  private hear(executeIds: readonly string[], traceparents: readonly string[]): void {
    executeIds.forEach((executeId, n) => {
      const traceparent = traceparents[n];
      if (traceparent !== undefined && parseTraceparent(traceparent) !== null)
        this.dispatched.add(executeId, traceparent);
    });
  }

  /** A node that finds the row by polling has heard of no dispatch: the call is the parent then. */
  private beginAttempt(run: TracedRun): AttemptTrace {
    const { executeId, context } = run;
    const parent = this.dispatched.take(executeId) ?? run.traceparent;
    const attributes = {
      'ecron.execute_id': executeId,
      'ecron.job_id': run.jobId,
      'ecron.tenant': run.tenantId,
      'ecron.attempt': run.attempt,
      'ecron.mode': context.mode,
    };
    const options = { kind: SpanKind.CONSUMER, attributes };
    const span = this.start(`attempt ${context.mode}`, { parent, executeId }, options);
    return {
      traceparent: formatTraceparent(span.spanContext()),
      end: (outcome) => endAttempt(span, outcome),
    };
  }
}

function endAttempt(span: Span, outcome: Outcome): void {
  span.setAttribute('ecron.outcome', outcome.kind);
  if ('statusCode' in outcome && outcome.statusCode !== undefined)
    span.setAttribute('http.response.status_code', outcome.statusCode);
  if ('error' in outcome) span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.error });
  span.end();
}
