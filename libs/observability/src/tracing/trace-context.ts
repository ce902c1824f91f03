import { createHash } from 'node:crypto';
import { type SpanContext } from '@opentelemetry/api';

/** Version, trace id, span id, flags; versions to come may say more behind them. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Null: it is none. */
export function parseTraceparent(text: string | null | undefined): SpanContext | null {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  if (version === '00' && more !== undefined) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

/** Of the flags only "sampled" is passed on: what others mean, this service cannot vouch for. */
export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`;
}

/** The trace of an execution that no traced call has asked for: the beginning of a SHA-256 of its execute id. */
export function traceIdOf(executeId: string): string {
  return createHash('sha256').update(executeId).digest('hex').slice(0, 32);
}
