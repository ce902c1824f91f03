import { Readable } from 'node:stream';
import { type ClusterClient } from './cluster-client.js';
import { listAndWatch } from './list-and-watch.js';
import { type ApiObject, type WatchEvent } from './objects.js';
import { readLines } from './read-body.js';

describe('a watch', () => {
  it('is a fault where it tells of more objects than any run has', async () => {
    const abort = new AbortController();
    const faults: string[] = [];
    const lookout = {
      kind: 'jobs' as const,
      query: {},
      see: (objects: readonly ApiObject[]) => objects.length > 1_000,
      onFault: ({ message }: Error) => {
        faults.push(message);
        abort.abort();
      },
    };
    await expect(listAndWatch(telling(1_100), lookout, abort.signal)).rejects.toThrow();
    expect(faults).toEqual(['the API server tells of too many objects']);
  });

  it('is cut where it sends more than it may, however short its lines are', async () => {
    const lines = readLines(Readable.from(Array.from({ length: 20 }, () => Buffer.from('{}\n'))), 30);
    await expect(readAll(lines)).rejects.toThrow('the API server sends too much to one watch');
  });
});

async function readAll(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

function telling(objects: number): ClusterClient {
  return {
    list: () => Promise.resolve({ items: [] }),
    async *watch(): AsyncGenerator<WatchEvent<ApiObject>> {
      for (let i = 0; i < objects; i++) {
        yield { type: 'ADDED', object: { metadata: { name: 'one', uid: String(i) } } };
      }
    },
  } as unknown as ClusterClient;
}
