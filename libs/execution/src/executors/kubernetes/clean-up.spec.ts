import { type ClusterClient } from './api/cluster-client.js';
import { type ApiJob } from './api/objects.js';
import { Cleaner } from './clean-up.js';

/** Shows ended Jobs of these executions, and tells what it is made to delete. */
function clusterOf(...executeIds: string[]) {
  const deleted: string[] = [];
  const items = executeIds.map((id): ApiJob => ({
    metadata: { name: id, uid: id, annotations: { 'ecron/execute-id': id } },
  }));
  const client = {
    listJobs: () => Promise.resolve({ items }),
    deleteJob: (name: string) => Promise.resolve(void deleted.push(name)),
  } as unknown as ClusterClient;
  return { client, deleted };
}

/** Nothing here waits for anything outside of the process. */
const allThatCanBe = (): Promise<void> => new Promise((done) => setImmediate(done));

/** Answers when it is cut. */
function silentCluster(): ClusterClient {
  const listJobs = (_: object, signal: AbortSignal) =>
    new Promise((_done, reject) => signal.addEventListener('abort', () => reject(new Error('cut'))));
  return { listJobs } as unknown as ClusterClient;
}

describe('cleaning up', () => {
  let faults: string[];
  let cleaner: Cleaner;
  beforeEach(() => {
    faults = [];
    const look = (ids: readonly string[]) =>
      Promise.resolve(ids.map((executeId) => ({ executeId, state: 'interrupted', streams: [] })));
    cleaner = new Cleaner({ look }, ({ message }) => void faults.push(message));
  });

  it('goes on in one cluster while another one is silent, and is cut by the end of the node', async () => {
    const own = clusterOf('a');
    cleaner.look([
      { client: silentCluster(), sent: new Set() },
      { client: own.client, sent: null },
    ]);
    await allThatCanBe();
    expect(own.deleted).toEqual(['a']);
    await cleaner.close();
    expect(faults).toEqual(['cut']);
  });

  it('deletes behind a proxy only what this node has sent there', async () => {
    const { client, deleted } = clusterOf('mine', 'foreign');
    cleaner.look([{ client, sent: new Set(['mine']) }]);
    await allThatCanBe();
    expect(deleted).toEqual(['mine']);
  });

  it('looks at 500 Jobs at most, whatever it is shown', async () => {
    const { client, deleted } = clusterOf(...Array.from({ length: 600 }, (_, i) => String(i)));
    cleaner.look([{ client, sent: null }]);
    await allThatCanBe();
    expect(deleted).toHaveLength(500);
  });
});
