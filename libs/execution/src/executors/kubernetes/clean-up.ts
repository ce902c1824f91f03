import { type ExecutionState, isFinal } from '@ecron/domain';
import { type OutputStore } from '../../output/output.store.js';
import { type ClusterClient } from './api/cluster-client.js';
import { type ApiJob } from './api/objects.js';
import { executeIdOf, OURS_SELECTOR } from './body/identity.js';
import { type KnownCluster } from './cluster-pool.js';
import { jobEndOf } from './job-end.js';

/** A cluster that answers more slowly is looked at again later. */
const LOOK_MS = 10_000;
/** Whoever sends more than was asked for is not listened to. */
const MAX_ITEMS = 500;

/**
 * Looks for what is left in clusters: at each by itself, one look after the other, 10 s at most, so that one that is slow
 * or away holds none of the others up.
 */
export class Cleaner {
  private readonly running = new Map<ClusterClient, Promise<void>>();
  private readonly stop = new AbortController();

  constructor(
    private readonly executions: Pick<OutputStore, 'look'>,
    private readonly onFault: (error: Error) => void,
  ) {}

  /** Those that are still looked at are left out. */
  look(clusters: readonly KnownCluster[]): void {
    for (const cluster of clusters.filter(({ client }) => !this.running.has(client))) {
      const signal = AbortSignal.any([this.stop.signal, AbortSignal.timeout(LOOK_MS)]);
      const looked = cleanUp(cluster, this.executions, signal)
        .catch(this.onFault)
        .finally(() => this.running.delete(cluster.client));
      this.running.set(cluster.client, looked);
    }
  }

  /** Cuts every look. */
  async close(): Promise<void> {
    this.stop.abort();
    await Promise.all(this.running.values());
  }
}

/**
 * Deletes Jobs whose execution has ended: those that have ended too, and those that run on although it was cancelled or
 * given up while no node followed it. What another deployment has made, or a purged execution, is left to its time to
 * live; so is what a proxy shows that this node has not sent there.
 */
async function cleanUp(
  { client, sent }: KnownCluster,
  executions: Pick<OutputStore, 'look'>,
  signal: AbortSignal,
): Promise<void> {
  const listed = await client.listJobs({ labelSelector: OURS_SELECTOR }, signal);
  const items = listed.items.slice(0, MAX_ITEMS).filter((job) => isOurs(job, sent));
  const ids = items.flatMap((job) => executeIdOf(job) ?? []);
  if (ids.length === 0) return;
  const states = new Map((await executions.look([...new Set(ids)])).map((one) => [one.executeId, one.state]));
  const left = items.filter((job) => isLeft(job, states.get(executeIdOf(job) ?? '') ?? null));
  for (const { metadata } of left) {
    signal.throwIfAborted();
    await client.deleteJob(metadata.name, metadata.uid, signal).catch(() => undefined);
  }
}

function isOurs(job: ApiJob, sent: ReadonlySet<string> | null): boolean {
  const id = executeIdOf(job);
  return id !== null && (sent === null || sent.has(id));
}

/** What a callback has ended may still be at its last steps. */
function isLeft(job: ApiJob, state: string | null): boolean {
  if (job.metadata.deletionTimestamp !== undefined) return false;
  if (state === null || !isFinal(state as ExecutionState)) return false;
  return state !== 'succeeded' || jobEndOf(job) !== null;
}
