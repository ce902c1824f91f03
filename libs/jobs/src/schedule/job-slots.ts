import { type Job, scheduleOf } from '@ecron/domain';

const ZONE_PREFIX = /^\s*(?:CRON_)?TZ=/;

/** The zone a job's instants are shown in: the one its schedule runs in. */
export function zoneOf(job: Job): string {
  if (!ZONE_PREFIX.test(job.schedule)) return job.timeZone;
  try {
    return scheduleOf({ ...job, dst: 'default' }).zone;
  } catch {
    return job.timeZone;
  }
}

/** The first slot of a new job after `now`; null for a disabled one, and when nothing is due. */
export function firstSlot(job: Omit<Job, 'nextSlotAt'>, now: number): number | null {
  return job.enabled ? scheduleOf({ ...job, dst: job.policy.dst ?? 'default' }).next(now) : null;
}
