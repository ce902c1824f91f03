import { Injectable } from '@nestjs/common';
import { Clock, type EditAction, type Job, maskContext } from '@ecron/domain';
import { v7 as newId } from 'uuid';
import { actorOf, type Caller, scopeOf } from '../caller.js';
import { refuse } from '../errors.js';
import { JobSettings } from '../job-settings.js';
import { Doorbell, type JobMessage } from '../ports/doorbell.js';
import { type EditResult, type JobChange, JobStore } from '../ports/job.store.js';
import { ring } from '../ring.js';
import { refuseQuota } from '../quota/refusals.js';
import { firstSlot } from '../schedule/job-slots.js';
import { endOfSecond, showSecond, startOfSecond } from '../show-time.js';
import { checkContextSize } from './job-context.js';
import { type JobInput, type Optional } from './job-input.js';
import { createMessage, deleteMessage, enableMessage, notifyMessage, updateMessage } from './job-messages.js';
import { type JobListQuery, readListQuery, splitIds, uniqueIds } from './job-query.js';
import { refuseCommands } from './may-run-commands.js';
import { readWindow } from './read-fields.js';
import { keepDisabled, type NotifyInput, readNotify } from './read-notify.js';
import { type JobDefinition, readJob, refusingCronErrors } from './read-job.js';
import { type JobView, showJob } from './show-job.js';

/** What callers may do to jobs. Each change is one transaction, then a message that makes the others look. */
@Injectable()
export class JobService {
  constructor(
    private readonly jobs: JobStore,
    private readonly doorbell: Doorbell,
    private readonly clock: Clock,
    private readonly settings: JobSettings,
  ) {}

  /** Returns the id of the new job, which belongs to the caller's tenant. */
  async create(caller: Caller, input: JobInput): Promise<string> {
    const now = this.clock.now();
    const anchorAt = startOfSecond(now);
    const jobId = newId();
    const definition = this.readNew(caller, input, jobId, now);
    refuseCommands(caller, definition.context, this.settings);
    const job = this.newJob({ jobId, tenantId: caller.clientId, ...definition, anchorAt }, now);
    const outcome = await this.jobs.insert(job, actorOf(caller));
    if (outcome === 'name taken') throw refuse.nameTaken();
    if (outcome === 'too many') throw refuseQuota.jobs();
    await this.tell([createMessage(job, this.settings.timeZone)]);
    return jobId;
  }

  /** Replaces the whole definition; the tenant stays. */
  async replace(caller: Caller, jobId: string, input: JobInput): Promise<void> {
    const [current] = await this.jobs.findByIds(scopeOf(caller), [jobId]);
    const now = this.clock.now();
    const situation = { jobId, now, settings: this.settings, tenantId: caller.clientId };
    const definition = readJob(input, { ...situation, current: current ?? 'unknown' });
    refuseCommands(caller, definition.context, this.settings);
    // Read again from the row as it is locked: what an input leaves out is kept as it stands then.
    const change: JobChange = (job) =>
      withDefinition(job, readJob(input, { ...situation, current: job }), now);
    const jobs = await this.edit(caller, 'job.update', [jobId], change);
    await this.tell(jobs.map((job) => updateMessage(job, this.settings.timeZone)));
  }

  /** Unknown ids are ignored. */
  async remove(caller: Caller, idList: string): Promise<void> {
    const removed = await this.jobs.remove(scopeOf(caller), splitIds(idList), actorOf(caller));
    await this.tell(removed.map((jobId) => deleteMessage(jobId, caller.clientId)));
  }

  async setEnabled(caller: Caller, idList: string, enabled: boolean): Promise<void> {
    const now = this.clock.now();
    const change: JobChange = (job) => withDefinition(job, { ...job, enabled }, now);
    const jobs = await this.edit(caller, enabled ? 'job.enable' : 'job.disable', splitIds(idList), change);
    await this.tell(jobs.map((job) => enableMessage(job, this.settings.timeZone)));
  }

  /** "" clears it. */
  async setWebhook(caller: Caller, idList: string, input: NotifyInput): Promise<void> {
    const now = this.clock.now();
    const change: JobChange = (job) => withWebhook(job, input, now);
    const jobs = await this.edit(caller, 'job.notify', splitIds(idList), change);
    await this.tell(jobs.map((job) => notifyMessage(job, this.settings.timeZone)));
  }

  /** The named jobs, all of them or none. */
  async listByIds(caller: Caller, ids: readonly string[]): Promise<JobView[]> {
    const wanted = uniqueIds(ids);
    const jobs = await this.jobs.findByIds(scopeOf(caller), wanted);
    if (jobs.length < wanted.length) throw refuse.unknownJob();
    return jobs.map((job) => showJob(job, this.settings));
  }

  /** Newest first. */
  async list(caller: Caller, query: JobListQuery): Promise<JobView[]> {
    const filter = readListQuery(query);
    if (filter.limit === 0) return [];
    const jobs = await this.jobs.list(scopeOf(caller), filter);
    return jobs.map((job) => showJob(job, this.settings));
  }

  /** Both bounds inclusive, on the creation time. */
  async total(
    caller: Caller,
    beginAt: Optional<string>,
    endAt: Optional<string>,
  ): Promise<{ total: number; timestamp: string }> {
    const { beginAt: from, endAt: until } = readWindow(beginAt, endAt);
    const total = await this.jobs.count(scopeOf(caller), {
      ...(from !== null && { from }),
      ...(until !== null && { until: endOfSecond(until) }),
    });
    return { total, timestamp: showSecond(this.clock.now(), this.settings.timeZone) };
  }

  private newJob(job: JobDefinition & Pick<Job, 'jobId' | 'tenantId' | 'anchorAt'>, now: number): Job {
    const complete = { ...job, version: 1, createdAt: now, updatedAt: now };
    return { ...complete, nextSlotAt: refusingCronErrors(() => firstSlot(complete, now)) };
  }

  private readNew({ clientId }: Caller, input: JobInput, jobId: string, now: number): JobDefinition {
    return readJob(input, { jobId, now, settings: this.settings, tenantId: clientId, current: null });
  }

  private async edit(
    caller: Caller,
    action: EditAction,
    ids: readonly string[],
    change: JobChange,
  ): Promise<Job[]> {
    const by = { ...actorOf(caller), action };
    const result: EditResult = await this.jobs.edit(scopeOf(caller), ids, change, by);
    switch (result.kind) {
      case 'edited':
        return result.jobs;
      case 'name taken':
        throw refuse.nameTaken();
      case 'unknown':
        throw refuse.unknownJob();
    }
  }

  private async tell(messages: readonly JobMessage[]): Promise<void> {
    await Promise.all(messages.map((message) => ring(() => this.doorbell.jobChanged(message))));
  }
}

/** The job under a new definition. */
function withDefinition(job: Job, definition: JobDefinition, now: number): Job {
  const keepsAnchor =
    job.schedule === definition.schedule &&
    job.timeZone === definition.timeZone &&
    job.enabled === definition.enabled;
  return {
    ...job,
    ...definition,
    context: {
      ...definition.context,
      notify: keepDisabled(definition.context.notify, job.context.notify),
    },
    version: job.version + 1,
    anchorAt: keepsAnchor ? job.anchorAt : startOfSecond(now),
    updatedAt: now,
  };
}

/** A filter that is left out stays; one that its receiver has disabled is on again. */
function withWebhook(job: Job, { webhook, on = job.context.notify.on }: NotifyInput, now: number): Job {
  const context = { ...job.context, notify: readNotify({ webhook, on }, '') };
  // What is sealed is longer than what was sent.
  checkContextSize(maskContext(context), {});
  return { ...job, context, version: job.version + 1, updatedAt: now };
}
