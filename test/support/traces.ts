import { createHash } from 'node:crypto';
import { type CollectedSpan, type FakeCollector } from '@ecron/testing';
import { eventually } from './eventually.js';

/** What a `traceparent` says. */
export interface TraceContext {
  traceId: string;
  spanId: string;
  flags: string;
}

export function readTraceparent(text: string | undefined): TraceContext {
  const [, traceId = '', spanId = '', flags = ''] = text?.split('-') ?? [];
  return { traceId, spanId, flags };
}

/** The trace of a run that no traced call asked for, as docs/tracing.md computes it. */
export function traceOf(executeId: string): string {
  return createHash('sha256').update(executeId).digest('hex').slice(0, 32);
}

/** The one span of a trace that is wanted, as soon as it has arrived. */
export function spanBy(
  collector: FakeCollector,
  wanted: Partial<Pick<CollectedSpan, 'traceId' | 'spanId' | 'name'>>,
): Promise<CollectedSpan> {
  return eventually(() => {
    const found = collector.spans.filter((span) =>
      Object.entries(wanted).every(([member, value]) => span[member as keyof CollectedSpan] === value),
    );
    const [span] = found;
    if (span === undefined || found.length > 1)
      throw new Error(`${found.length} spans of ${JSON.stringify(wanted)}`);
    return span;
  });
}
