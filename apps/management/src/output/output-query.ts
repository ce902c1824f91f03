import { OUTPUT_STREAMS, type OutputStream } from '@ecron/execution';
import { refuse } from '@ecron/jobs';
import { first, type RawQuery, refuseOthers } from '../http/query.js';

const OUTPUT_NAMES = ['stream', 'follow', 'attempt'] as const;

/** What of an output is asked for. */
export interface OutputQuery {
  streams: readonly OutputStream[];
  isFollowed: boolean;
  /** Null: the last one that wrote. */
  attempt: number | null;
}

export function readOutputQuery(query: RawQuery): OutputQuery {
  refuseOthers(query, OUTPUT_NAMES);
  const attempt = first(query, 'attempt') || null;
  if (attempt !== null && !/^[1-9]\d{0,8}$/.test(attempt))
    throw refuse.field('attempt', 'must be a whole number from 1');
  return {
    streams: readStreams(first(query, 'stream') || 'all'),
    isFollowed: readFlag(first(query, 'follow') || 'false'),
    attempt: attempt === null ? null : Number(attempt),
  };
}

function readStreams(text: string): readonly OutputStream[] {
  const streams = text === 'all' ? OUTPUT_STREAMS : OUTPUT_STREAMS.filter((stream) => stream === text);
  if (streams.length === 0) throw refuse.field('stream', 'must be one of stdout, stderr, all');
  return streams;
}

function readFlag(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw refuse.field('follow', 'must be true or false');
  return text === 'true';
}
