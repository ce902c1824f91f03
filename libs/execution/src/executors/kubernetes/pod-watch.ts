import { setTimeout as pause } from 'node:timers/promises';
import { type AttemptOutput } from '../../output/output-recorder.service.js';
import { type ClusterClient } from './api/cluster-client.js';
import { listAndWatch } from './api/list-and-watch.js';
import { type ApiJob, type ApiPod } from './api/objects.js';
import { readLog } from './pod-log.js';
import { type ContainerEnd, endOf, hasStarted, whyNotStarted } from './pod-state.js';

/** A log that has not ended so long after its container is not waited for. */
const LOG_ENDS_WITHIN_MS = 10_000;

/** Pods of a Job, however they are called. */
export function podsOf({ metadata: { uid } }: ApiJob): { labelSelector: string } {
  return { labelSelector: `batch.kubernetes.io/controller-uid=${uid}` };
}

/** Watches the pod of a Job, and reads what its container writes into the attempt's output. */
export class PodWatch {
  private readonly ending = new AbortController();
  private pod: ApiPod | null = null;
  private isPodGone = false;
  private log: Promise<void> | null = null;

  constructor(
    private readonly client: ClusterClient,
    private readonly job: ApiJob,
    private readonly container: string,
    private readonly output: AttemptOutput,
  ) {
    const lookout = {
      kind: 'pods',
      query: podsOf(job),
      see: (pods: readonly ApiPod[]) => this.see(pods),
      onFault: () => undefined,
    } as const;
    void listAndWatch<ApiPod>(client, lookout, this.ending.signal).catch(() => undefined);
  }

  /** Null: it has not ended, or nobody has seen it end. */
  get containerEnd(): ContainerEnd | null {
    return this.pod === null ? null : endOf(this.pod, this.container);
  }

  /** Why the container has not run (yet), for people; null: it has; '': not even a pod has been seen. */
  get whyNotStarted(): string | null {
    if (this.log !== null) return null;
    return this.pod === null ? '' : whyNotStarted(this.pod);
  }

  /** The Job has ended: what the watch has not told yet is asked for, and the rest of the log is awaited. */
  async finish(): Promise<void> {
    const last = await this.client.listPods(podsOf(this.job)).catch(() => null);
    if (last !== null) this.see(last.items);
    this.isPodGone ||= last?.items.length === 0;
    await this.settle();
  }

  /** Awaits the rest of the log for a while, and ends the watch. */
  async settle(): Promise<void> {
    const timer = new AbortController();
    const tooLong = pause(LOG_ENDS_WITHIN_MS, undefined, timer).catch(() => undefined);
    await Promise.race([this.log, tooLong]);
    timer.abort();
    await this.leave();
  }

  /** Ends the watch and the log where they are. */
  async leave(): Promise<void> {
    this.ending.abort();
    await this.log;
  }

  private see(pods: readonly ApiPod[]): false {
    const known = this.pod?.metadata.uid;
    const [pod] = known === undefined ? pods : pods.filter((one) => one.metadata.uid === known);
    this.isPodGone = known !== undefined && pod === undefined;
    if (pod === undefined) return false;
    // A watch can tell late what a list told before: what has ended never runs again.
    if (this.containerEnd === null || endOf(pod, this.container) !== null) this.pod = pod;
    if (hasStarted(pod, this.container)) this.log ??= this.readLogOf(pod);
    return false;
  }

  private async readLogOf(pod: ApiPod): Promise<void> {
    const source = {
      pod: pod.metadata.name,
      container: this.container,
      hasEnded: () => this.isPodGone || this.containerEnd !== null,
    };
    const { stdout, stderr } = this.output.streams;
    const fault = await readLog(this.client, source, (chunk) => stdout.write(chunk), this.ending.signal);
    if (fault !== null) stderr.write(Buffer.from(`ecron: the output cannot be read: ${fault}\n`));
  }
}
