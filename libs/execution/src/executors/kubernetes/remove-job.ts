import { Backoff } from './api/backoff.js';
import { type ClusterClient } from './api/cluster-client.js';
import { listAndWatch } from './api/list-and-watch.js';
import { type ApiJob, type ApiPod } from './api/objects.js';
import { describeFault, hasStatus } from './faults.js';
import { podsOf } from './pod-watch.js';

/** A pod whose node is away stays for ever: then the run ends all the same, and says so. */
const GONE_WITHIN_MS = 60_000;

/** Deletes a Job and resolves when its pods are gone (null), or have not gone within a minute: with why, for people. */
export async function removeJob(client: ClusterClient, job: ApiJob): Promise<string | null> {
  const signal = AbortSignal.timeout(GONE_WITHIN_MS);
  let fault: Error | null = null;
  const onFault = (error: Error): void => void (fault = error);
  try {
    await untilDeleted(client, job, onFault, signal);
    fault = null;
    const see = (pods: readonly ApiPod[]): boolean => pods.length === 0;
    await listAndWatch<ApiPod>(client, { kind: 'pods', query: podsOf(job), see, onFault }, signal);
    return null;
  } catch {
    return fault === null ? 'its pod has not ended within a minute' : describeFault(fault);
  }
}

async function untilDeleted(
  client: ClusterClient,
  { metadata: { name, uid } }: ApiJob,
  onFault: (error: Error) => void,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff();
  for (;;) {
    try {
      return await client.deleteJob(name, uid, signal);
    } catch (error) {
      // Gone, or another one has its name by now.
      if (hasStatus(error, 404) || hasStatus(error, 409)) return;
      onFault(error as Error);
    }
    await backoff.wait(signal);
  }
}
