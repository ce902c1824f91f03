import { Backoff } from './backoff.js';
import { type ClusterClient, type Watched } from './cluster-client.js';
import { type ApiList, type ApiObject, type WatchEvent } from './objects.js';

/** A watch that ended sooner tells that the server is not well. */
const SHORT_MS = 1_000;
/** No run has as many objects; whoever sends more, such as a proxy that a job names, is not believed. */
const MAX_OBJECTS = 1_000;

export interface Lookout<T> {
  kind: Watched;
  /** Of labels or fields: which objects. */
  query: Record<string, string>;
  /** Shown all of them after each change; true: that was what it waited for. */
  see: (objects: readonly T[]) => boolean;
  /** What went wrong; it is tried again. */
  onFault: (error: Error) => void;
}

/**
 * Lists objects and watches them from there, again and again: a watch ends early, silently and with gaps, so only the
 * list is believed to be whole. Resolves when `see` has seen enough; rejects only when the signal aborts.
 */
export async function listAndWatch<T extends ApiObject>(
  client: ClusterClient,
  lookout: Lookout<T>,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff();
  for (;;) {
    const begunAt = performance.now();
    try {
      if (await lookOnce(client, lookout, signal)) return;
      if (performance.now() - begunAt >= SHORT_MS) {
        backoff.reset();
        continue;
      }
    } catch (error) {
      signal.throwIfAborted();
      lookout.onFault(error as Error);
    }
    await backoff.wait(signal);
  }
}

/** True: seen enough; false: the watch has ended, or what it goes by is too old. */
async function lookOnce<T extends ApiObject>(
  client: ClusterClient,
  { kind, query, see }: Lookout<T>,
  signal: AbortSignal,
): Promise<boolean> {
  const list = await client.list<T>(kind, query, signal);
  const known = new Map(list.items.map((object) => [object.metadata.uid, object]));
  assertFew(known);
  if (see([...known.values()])) return true;
  const events = client.watch<T>(kind, { ...query, resourceVersion: versionOf(list) }, signal);
  for await (const event of events) {
    if (event.type === 'ERROR') return false;
    const hasChanged = apply(known, event);
    assertFew(known);
    if (hasChanged && see([...known.values()])) return true;
  }
  return false;
}

function assertFew(known: ReadonlyMap<string, unknown>): void {
  if (known.size > MAX_OBJECTS) throw new RangeError('the API server tells of too many objects');
}

const versionOf = (list: ApiList<unknown>): string => list.metadata?.resourceVersion ?? '0';

function apply<T extends ApiObject>(known: Map<string, T>, event: WatchEvent<T>): boolean {
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
      known.set(event.object.metadata.uid, event.object);
      return true;
    case 'DELETED':
      return known.delete(event.object.metadata.uid);
    case 'BOOKMARK':
    case 'ERROR':
      return false;
  }
}
