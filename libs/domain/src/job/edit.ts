import { type Schedule } from '../cron/schedule.js';
import { type PlannedRow, planSlots, settleUnclaimed } from '../policy/misfire.js';
import { type PolicyDefaults, resolvePolicy } from '../policy/policy.js';
import { type Job } from './job.js';
import { scheduleOf, type ScheduleFacts } from './job-schedule.js';

/** What an edit of a job writes. */
export interface JobEdit {
  /** The new definition: version raised, anchor and next slot set. */
  job: Job;
  /** False: what was due, and what will be, stays as it is. */
  isRescheduled: boolean;
  /** Fates of slots that had come due under the old definition and had no row yet. */
  settled: PlannedRow[];
}

export function factsOf(job: Job): ScheduleFacts {
  return { ...job, dst: job.policy.dst ?? 'default' };
}

/**
 * Plans an edit at the instant `now`: up to and including it the old definition holds, after it the new one.
 * @throws CronError where the new schedule is bad
 */
export function planEdit(before: Job, after: Job, now: number, defaults: PolicyDefaults): JobEdit {
  const kept = { version: before.version + 1, createdAt: before.createdAt, updatedAt: now };
  if (!isRescheduling(before, after)) {
    const job = { ...after, ...kept, anchorAt: before.anchorAt, nextSlotAt: before.nextSlotAt };
    return { job, isRescheduled: false, settled: [] };
  }
  const anchorAt = movesAnchor(before, after) ? now - (now % 1000) : before.anchorAt;
  const job = { ...after, ...kept, anchorAt };
  const nextSlotAt = job.enabled ? scheduleOf(factsOf(job)).next(now) : null;
  return {
    job: { ...job, nextSlotAt },
    isRescheduled: true,
    settled: settleDue(before, after.enabled, now, defaults),
  };
}

/** The fates of the slots that are due and unclaimed when a job is deleted. */
export function settleDeleted(job: Job, now: number): PlannedRow[] {
  const schedule = storedSchedule(job);
  if (job.nextSlotAt === null || schedule === null) return [];
  return settleUnclaimed(schedule, job.nextSlotAt, now, 'job deleted');
}

function settleDue(before: Job, staysEnabled: boolean, now: number, defaults: PolicyDefaults): PlannedRow[] {
  if (before.nextSlotAt === null || before.nextSlotAt > now) return [];
  const schedule = storedSchedule(before);
  if (schedule === null) return [];
  if (!staysEnabled) return settleUnclaimed(schedule, before.nextSlotAt, now, 'job disabled');
  return planAll(
    schedule,
    before.nextSlotAt,
    now,
    resolvePolicy(before.policy, before.context.mode, defaults).misfire,
  );
}

/** Null: it cannot be read, which no edit of ours has brought about, and which must not keep one from mending it. */
function storedSchedule(job: Job): Schedule | null {
  try {
    return scheduleOf(factsOf(job));
  } catch {
    return null;
  }
}

function planAll(
  schedule: Schedule,
  nextSlotAt: number,
  now: number,
  misfire: ReturnType<typeof resolvePolicy>['misfire'],
): PlannedRow[] {
  const rows: PlannedRow[] = [];
  for (let next: number | null = nextSlotAt; next !== null && next <= now;) {
    const plan = planSlots(schedule, next, { now, until: now }, misfire);
    rows.push(...plan.rows);
    next = plan.nextSlotAt;
  }
  return rows;
}

function movesAnchor(before: Job, after: Job): boolean {
  return (
    before.schedule !== after.schedule ||
    before.timeZone !== after.timeZone ||
    before.enabled !== after.enabled
  );
}

function isRescheduling(before: Job, after: Job): boolean {
  return (
    movesAnchor(before, after) ||
    before.type !== after.type ||
    before.beginAt !== after.beginAt ||
    before.endAt !== after.endAt ||
    JSON.stringify(before.policy) !== JSON.stringify(after.policy)
  );
}
