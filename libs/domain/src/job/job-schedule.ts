import { parseSchedule } from '../cron/index.js';
import { type Schedule } from '../cron/schedule.js';
import { type DstRule, type JobType } from './job.js';

/** What a job's schedule is computed from; a stored version of the job has the same. */
export interface ScheduleFacts {
  jobId: string;
  type: JobType;
  schedule: string;
  timeZone: string;
  dst: DstRule;
  beginAt: number | null;
  endAt: number | null;
  anchorAt: number;
}

/** Compiles a job's schedule. @throws CronError */
export function scheduleOf(facts: ScheduleFacts): Schedule {
  return parseSchedule(facts.schedule, {
    zone: facts.timeZone,
    dst: facts.dst,
    hashKey: facts.jobId,
    anchorMs: facts.anchorAt,
    beginAt: facts.beginAt,
    endAt: facts.endAt,
    allowInstant: facts.type === 'timed',
  });
}
