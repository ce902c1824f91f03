import { type Config } from '@ecron/config';
import { type TracedService, type Tracing } from './tracing.js';

/** Null: tracing is off, and nothing of OpenTelemetry has been loaded. */
export async function openTracing(
  { traceOtlpUrl, traceSampleRatio }: Pick<Config, 'traceOtlpUrl' | 'traceSampleRatio'>,
  service: TracedService,
): Promise<Tracing | null> {
  if (traceOtlpUrl === null) return null;
  const { openOtlpTracing } = await import('./otlp-tracing.js');
  return openOtlpTracing({ url: traceOtlpUrl, sampleRatio: traceSampleRatio, service });
}
