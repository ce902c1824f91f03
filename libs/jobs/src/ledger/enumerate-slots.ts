import { CronError, type Schedule, scheduleOf } from '@ecron/domain';
import { type ScheduleVersion } from '../ports/ledger.store.js';

/** A stretch of time under one definition; slots lie in (after, until]. */
export interface Stretch {
  schedule: Schedule | null;
  zone: string;
  after: number;
  until: number;
}

/** The part of a version that lies in `from <= t < to`. A disabled one, or one that is no schedule, has no slots. */
export function stretchOf(jobId: string, version: ScheduleVersion, from: number, to: number): Stretch {
  const schedule = version.enabled ? parseOrNull(jobId, version) : null;
  return {
    schedule,
    zone: schedule?.zone ?? version.timeZone,
    after: Math.max(version.validFrom, from - 1),
    until: Math.min(version.validTo ?? Infinity, to - 1),
  };
}

function parseOrNull(jobId: string, version: ScheduleVersion): Schedule | null {
  try {
    // A version does not keep the job's type; the text tells an instant from a pattern.
    return scheduleOf({ ...version, jobId, type: 'timed' });
  } catch (error) {
    if (error instanceof CronError) return null;
    throw error;
  }
}

/** The first slot of a stretch after `after`. */
export function nextIn({ schedule, after, until }: Stretch, later: number): number | null {
  const slot = schedule?.next(Math.max(after, later)) ?? null;
  return slot !== null && slot <= until ? slot : null;
}
