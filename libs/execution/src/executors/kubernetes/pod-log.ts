import { type Readable } from 'node:stream';
import { drain } from '../command/drain.js';
import { Backoff } from './api/backoff.js';
import { type ClusterClient } from './api/cluster-client.js';
import { describeFault, hasStatus } from './faults.js';

export interface LogSource {
  pod: string;
  container: string;
  /** Whether the container has ended, as far as is known: what ends before it is read on. */
  hasEnded: () => boolean;
}

/**
 * Reads what a container writes, from its start, while it runs. A stream that breaks is asked for anew, and what has
 * been read of it is passed over: a log only grows (as long as the node does not rotate it, at 10 MB by default).
 * Resolves when all has been read (null), or cannot be: with why. Never rejects.
 */
export async function readLog(
  client: ClusterClient,
  source: LogSource,
  take: (chunk: Buffer) => void,
  signal: AbortSignal,
): Promise<string | null> {
  const backoff = new Backoff();
  let readBytes = 0;
  while (!signal.aborted) {
    const isLast = source.hasEnded();
    try {
      const { newBytes, isWhole } = await readOnce(client, source, skipFirst(readBytes, take), signal);
      readBytes += newBytes;
      if (newBytes > 0) backoff.reset();
      if (isLast && isWhole) return null;
    } catch (error) {
      if (hasStatus(error, 404)) return null;
      if (hasStatus(error, 403)) return describeFault(error as Error);
    }
    await backoff.wait(signal).catch(() => undefined);
  }
  return null;
}

async function readOnce(
  client: ClusterClient,
  { pod, container }: LogSource,
  sink: Skipping,
  signal: AbortSignal,
): Promise<{ newBytes: number; isWhole: boolean }> {
  const stream = await client.followLog(pod, container, signal);
  await drained(stream, sink.take);
  return { newBytes: sink.newBytes(), isWhole: stream.readableEnded };
}

async function drained(stream: Readable, take: (chunk: Buffer) => void): Promise<void> {
  drain(stream, take);
  // Not by `once` of node:events: what breaks has been read as far as it came.
  if (!stream.closed) await new Promise((closed) => stream.once('close', closed));
}

interface Skipping {
  take: (chunk: Buffer) => void;
  newBytes: () => number;
}

function skipFirst(bytes: number, take: (chunk: Buffer) => void): Skipping {
  let seen = 0;
  return {
    take: (chunk) => {
      const rest = chunk.subarray(Math.max(0, Math.min(chunk.length, bytes - seen)));
      seen += chunk.length;
      if (rest.length > 0) take(rest);
    },
    newBytes: () => Math.max(0, seen - bytes),
  };
}
