import { type ExecutionState, isFinal } from '@ecron/domain';
import { type OutputStore } from '../../output/output.store.js';
import { type ClusterClient } from './api/cluster-client.js';
import { type ApiJob } from './api/objects.js';
import { executeIdOf, OURS_SELECTOR } from './body/identity.js';
import { jobEndOf } from './job-end.js';

/**
 * Deletes Jobs whose execution has ended: those that have ended too, and those that run on although it was cancelled or
 * given up while no node followed it. What another deployment has made, or a purged execution, is left to its time to
 * live. Resolves with how many.
 */
export async function cleanUp(client: ClusterClient, executions: Pick<OutputStore, 'look'>): Promise<number> {
  const { items } = await client.listJobs({ labelSelector: OURS_SELECTOR });
  const ids = items.flatMap((job) => executeIdOf(job) ?? []);
  if (ids.length === 0) return 0;
  const states = new Map((await executions.look([...new Set(ids)])).map((one) => [one.executeId, one.state]));
  const left = items.filter((job) => isLeft(job, states.get(executeIdOf(job) ?? '') ?? null));
  for (const { metadata } of left) await client.deleteJob(metadata.name, metadata.uid).catch(() => undefined);
  return left.length;
}

/** What a callback has ended may still be at its last steps. */
function isLeft(job: ApiJob, state: string | null): boolean {
  if (job.metadata.deletionTimestamp !== undefined) return false;
  if (state === null || !isFinal(state as ExecutionState)) return false;
  return state !== 'succeeded' || jobEndOf(job) !== null;
}
