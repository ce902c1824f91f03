import { type Schedule, scheduleOf } from '@ecron/domain';
import { type DueJob } from '../ports/claim.store.js';

const MAX_SCHEDULES = 20_000;

/** Compiled schedules of jobs that have fired; the oldest entry goes first. Nothing is loaded at start-up. */
export class ScheduleCache {
  private readonly byVersion = new Map<string, Schedule>();

  /** @throws CronError */
  get(job: DueJob): Schedule {
    const key = `${job.jobId}/${job.version}`;
    const known = this.byVersion.get(key);
    if (known !== undefined) return known;
    const schedule = scheduleOf(job);
    if (this.byVersion.size >= MAX_SCHEDULES) this.byVersion.delete(this.byVersion.keys().next().value ?? '');
    this.byVersion.set(key, schedule);
    return schedule;
  }
}
