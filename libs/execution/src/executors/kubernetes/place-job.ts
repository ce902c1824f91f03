import { type AttemptRequest } from '../../executor/executor.js';
import { Backoff } from './api/backoff.js';
import { type ClusterClient } from './api/cluster-client.js';
import { listAndWatch } from './api/list-and-watch.js';
import { type ApiJob, type JobBody } from './api/objects.js';
import { isOf } from './body/identity.js';
import { hasStatus, isAmbiguous } from './faults.js';

export interface PlacedJob {
  job: ApiJob;
  /** It was there: an earlier start of the same attempt has made it. */
  isAdopted: boolean;
  warnings: string[];
}

/** Something has the attempt's name that is not its Job, and is left alone; the message says so, for people. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken';
}

/**
 * Makes the attempt's Job, or finds the one that is there. What may have been made without an answer is asked for again:
 * the name stays the same, so there is one Job in any case.
 * @throws NameTaken; what the client throws where nothing was made; the signal's reason
 */
export async function placeJob(
  client: ClusterClient,
  body: JobBody,
  attempt: AttemptRequest,
  signal: AbortSignal,
): Promise<PlacedJob> {
  const backoff = new Backoff();
  for (;;) {
    try {
      const placed = await placeOnce(client, body, attempt, signal);
      if (placed !== null) return placed;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof NameTaken || !isAmbiguous(error as Error)) throw error;
    }
    await backoff.wait(signal);
  }
}

/** Null: to be tried again. */
async function placeOnce(
  client: ClusterClient,
  body: JobBody,
  attempt: AttemptRequest,
  signal: AbortSignal,
): Promise<PlacedJob | null> {
  try {
    return { ...(await client.createJob(body, signal)), isAdopted: false };
  } catch (error) {
    if (!hasStatus(error, 409)) throw error;
    return adopt(client, body.metadata.name, attempt, signal);
  }
}

async function adopt(
  client: ClusterClient,
  name: string,
  attempt: AttemptRequest,
  signal: AbortSignal,
): Promise<PlacedJob | null> {
  const job = await findJob(client, name, signal);
  if (job === null) return null;
  if (!isOf(job, attempt)) throw new NameTaken(`a Job ${name} is there that is not of this execution`);
  if (job.metadata.deletionTimestamp === undefined) return { job, isAdopted: true, warnings: [] };
  await untilGone(client, job, signal);
  return null;
}

/** Null: there is none of that name. */
export async function findJob(
  client: ClusterClient,
  name: string,
  signal?: AbortSignal,
): Promise<ApiJob | null> {
  try {
    return await client.getJob(name, signal);
  } catch (error) {
    if (hasStatus(error, 404)) return null;
    throw error;
  }
}

async function untilGone(
  client: ClusterClient,
  { metadata: { name, uid } }: ApiJob,
  signal: AbortSignal,
): Promise<void> {
  const see = (jobs: readonly ApiJob[]): boolean => !jobs.some((job) => job.metadata.uid === uid);
  const query = { fieldSelector: `metadata.name=${name}` };
  await listAndWatch<ApiJob>(client, { kind: 'jobs', query, see, onFault: () => undefined }, signal);
}
