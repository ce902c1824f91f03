import { type Outcome } from '@ecron/domain';
import { type AttemptRequest, GIVEN_UP } from '../../executor/executor.js';
import { type AttemptOutput } from '../../output/output-recorder.service.js';
import { Deadline } from '../command/deadline.js';
import { type ClusterClient } from './api/cluster-client.js';
import { listAndWatch } from './api/list-and-watch.js';
import { type ApiJob, type JobBody } from './api/objects.js';
import { deadlineOf } from './body/identity.js';
import { classifyEnd } from './classify-end.js';
import { describeFault, failByFault } from './faults.js';
import { type JobEnd, jobEndOf } from './job-end.js';
import { findJob, NameTaken, type PlacedJob, placeJob } from './place-job.js';
import { PodWatch } from './pod-watch.js';
import { removeJob } from './remove-job.js';

const LEFT_ALONE: Outcome = { kind: 'interrupted', error: 'left to another node' };

/** One attempt as a Job: made or found, followed to its end, removed where something else ends it. */
export class JobRun {
  private readonly stop = new AbortController();
  private deadline: Deadline;
  private lastFault: Error | null = null;

  constructor(
    private readonly client: ClusterClient,
    private readonly body: JobBody,
    private readonly container: string,
    private readonly attempt: AttemptRequest,
    private readonly output: AttemptOutput,
    private readonly signal: AbortSignal,
  ) {
    this.deadline = this.arm(attempt.timeoutMs);
    if (signal.aborted) this.stop.abort();
  }

  /** @param now epoch milliseconds, by the clock that wrote the Job's deadline */
  async carryOut(now: () => number): Promise<Outcome> {
    try {
      const placed = await this.place();
      if (!('job' in placed)) return placed;
      this.heed(placed, now());
      return await this.follow(placed.job);
    } finally {
      this.deadline.release();
    }
  }

  private arm(ms: number): Deadline {
    return new Deadline(Math.max(1, ms), this.signal, () => this.stop.abort());
  }

  private async place(): Promise<PlacedJob | Outcome> {
    try {
      return await placeJob(this.client, this.body, this.attempt, this.stop.signal);
    } catch (error) {
      if (this.stop.signal.aborted) return this.abandonPlace();
      if (!(error instanceof NameTaken)) return failByFault(error as Error);
      return { kind: 'failed', retryable: true, error: error.message, result: null };
    }
  }

  /** The request that was cut may have made it all the same. */
  private async abandonPlace(): Promise<Outcome> {
    if (this.isGivenUp) return LEFT_ALONE;
    const job = await findJob(this.client, this.body.metadata.name).catch(() => null);
    const left = job === null ? null : await removeJob(this.client, job);
    return this.endEarly(left === null ? [] : [left]);
  }

  /** What an earlier start has made ends when that start would have ended it. */
  private heed({ job, isAdopted, warnings }: PlacedJob, now: number): void {
    const deadlineAt = isAdopted ? deadlineOf(job) : null;
    if (deadlineAt !== null && deadlineAt - now < this.attempt.timeoutMs && !this.stop.signal.aborted) {
      this.deadline.release();
      this.deadline = this.arm(deadlineAt - now);
    }
    for (const warning of warnings) {
      this.output.streams.stderr.write(Buffer.from(`ecron: the cluster warns: ${warning}\n`));
    }
  }

  private async follow(job: ApiJob): Promise<Outcome> {
    const pods = new PodWatch(this.client, job, this.container, this.output);
    const end = await this.untilEnd(job);
    if (end !== null) {
      await pods.finish();
      return classifyEnd(end, pods.containerEnd, this.output.streams.stdout);
    }
    if (this.isGivenUp) {
      await pods.leave();
      return LEFT_ALONE;
    }
    const notes = await this.explain(job, pods);
    const left = await removeJob(this.client, job);
    await pods.settle();
    return this.endEarly(left === null ? notes : [...notes, left]);
  }

  /** Null: it was cut before. */
  private async untilEnd({ metadata: { name, uid } }: ApiJob): Promise<JobEnd | null> {
    let end: JobEnd | null = null;
    const see = (jobs: readonly ApiJob[]): boolean => {
      const job = jobs.find((one) => one.metadata.uid === uid);
      end = job === undefined ? { kind: 'gone' } : jobEndOf(job);
      return end !== null;
    };
    const onFault = (error: Error): void => void (this.lastFault = error);
    const query = { fieldSelector: `metadata.name=${name}` };
    try {
      await listAndWatch<ApiJob>(this.client, { kind: 'jobs', query, see, onFault }, this.stop.signal);
    } catch {
      return null;
    }
    return end;
  }

  /** What kept it from ending, as far as the cluster tells. */
  private async explain({ metadata: { uid } }: ApiJob, pods: PodWatch): Promise<string[]> {
    const why = pods.whyNotStarted;
    if (why === null) return this.lastFault === null ? [] : [describeFault(this.lastFault)];
    if (why !== '') return [`its container has not started: ${why}`];
    const query = { fieldSelector: `involvedObject.uid=${uid},reason=FailedCreate` };
    // Needs a right of its own, which not every deployment gives.
    const events = await this.client.listEvents(query).catch(() => null);
    const message = events?.items.at(-1)?.message;
    return [message === undefined ? 'it has no pod' : `it has no pod: ${message}`];
  }

  private endEarly(notes: readonly string[]): Outcome {
    const end = this.deadline.end ?? { kind: 'interrupted', error: 'the attempt was interrupted' };
    if (end.kind === 'interrupted' && notes.length === 0) return end;
    return { ...end, error: [end.error, ...notes].join('; ') };
  }

  private get isGivenUp(): boolean {
    return this.signal.aborted && this.signal.reason === GIVEN_UP;
  }
}
