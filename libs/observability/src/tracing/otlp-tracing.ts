import { ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { GivenTraceIds } from './given-trace-ids.js';
import { SpanTracing, type StartSpan } from './span-tracing.js';
import { parseTraceparent, traceIdOf } from './trace-context.js';
import { type TracedService, type Tracing, type TracingSettings } from './tracing.js';
import { WatchedExporter } from './watched-exporter.js';

/** Spans that wait to be sent; some 8 MB. More are dropped. */
const MAX_QUEUED = 8_192;
const MAX_BATCH = 512;
const SEND_EVERY_MS = 1_000;
/** For one batch, tries included: the next ones wait for it. */
const SEND_MS = 3_000;
const CLOSE_MS = 3_000;

/** Tracing by the OpenTelemetry SDK. This module alone loads it: import it only where spans are wanted. */
export function openOtlpTracing({ url, sampleRatio, service }: TracingSettings): Tracing {
  const ids = new GivenTraceIds();
  const provider = new TracerProvider({
    resource: resourceOf(service),
    idGenerator: ids,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [batches(url)],
  });
  const tracer = provider.getTracer('ecron', service.version);
  const start: StartSpan = (name, { parent, executeId }, options) => {
    const context = parseTraceparent(parent);
    if (context !== null) return tracer.startSpan(name, options, trace.setSpanContext(ROOT_CONTEXT, context));
    const startRoot = (): Span => tracer.startSpan(name, options, ROOT_CONTEXT);
    return executeId === undefined ? startRoot() : ids.use(traceIdOf(executeId), startRoot);
  };
  let closing: Promise<void> | undefined;
  return new SpanTracing(start, () => (closing ??= within(CLOSE_MS, provider.shutdown())));
}

function resourceOf({ name, version, instanceId }: TracedService) {
  return resourceFromAttributes({
    'service.name': name,
    'service.version': version,
    'service.instance.id': instanceId,
  });
}

function batches(url: string): BatchSpanProcessor {
  return new BatchSpanProcessor({
    exporter: new WatchedExporter(new OTLPTraceExporter({ url, timeoutMillis: SEND_MS })),
    maxQueueSize: MAX_QUEUED,
    maxExportBatchSize: MAX_BATCH,
    scheduledDelayMillis: SEND_EVERY_MS,
    exportTimeoutMillis: 2 * SEND_MS,
  });
}

/** What the collector does not take in time is lost: nobody waits for it. */
async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}
