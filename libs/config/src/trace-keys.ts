import { key } from './key.js';
import { fraction, httpUrl } from './kinds.js';

/** Where spans go; see docs/tracing.md. */
export const TRACE_KEYS = {
  trace_otlp_url: key({
    group: 'Traces',
    kind: httpUrl,
    fallback: null,
    fallbackText:
      'what the variable `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` says, else `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/traces` behind it, where they are URLs; without them tracing is off',
    doc: 'Where a collector takes spans, as OTLP over HTTP in JSON, such as `http://collector:4318/v1/traces`. Give it to every node of both services. The headers that a collector asks for go into `OTEL_EXPORTER_OTLP_HEADERS`, as everywhere with OpenTelemetry. See [tracing.md](tracing.md).',
  }),
  trace_sample_ratio: key({
    group: 'Traces',
    kind: fraction,
    fallback: 1,
    doc: 'The part of the traces begun here that is recorded: 0.01 is one in a hundred. A caller whose `traceparent` says that it records, or that it does not, decides for its own. The same on every node, so that traces are recorded whole or not at all.',
  }),
} as const;
