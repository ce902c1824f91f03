import { DAY_S, EARLIEST_S, LATEST_S } from '../time/civil.js';
import type { Zone } from '../time/zone.js';
import { CronSchedule } from './cron-schedule.js';
import { ROBFIG_YEARS, searchAsRobfig } from './robfig-search.js';
import type { Schedule } from './schedule.js';
import type { CronSpec } from './spec.js';

const STRIDE_MS = 400 * DAY_S * 1000;
const LIMIT_MS = ROBFIG_YEARS * 366 * DAY_S * 1000;
const MOST_TRIES = 500;

/**
 * A cron expression as robfig/cron runs it, in which the next slot can depend on where one asks from. Where robfig/cron
 * would answer an instant that has passed, or never answer, the first instant whose wall time matches is taken.
 */
export class RobfigSchedule implements Schedule {
  readonly kind = 'cron';
  /** Every instant at which the wall clock matches. */
  readonly matches: CronSchedule;

  constructor(
    readonly text: string,
    private readonly table: Zone,
    spec: CronSpec,
  ) {
    this.matches = new CronSchedule(text, table, spec, false);
  }

  get zone(): string {
    return this.table.name;
  }

  next(afterMs: number): number | null {
    const from = Math.max(Math.floor(afterMs / 1000) + 1, EARLIEST_S);
    if (!(from <= LATEST_S)) return null;
    const found = searchAsRobfig(this.matches.spec, this.table, from);
    if (found === 'none') return null;
    return found === 'endless' || found < from ? this.matches.next(afterMs) : found * 1000;
  }

  /** Goes back match by match until `next` from there answers with something before `beforeMs`. */
  prev(beforeMs: number): number | null {
    let start = beforeMs;
    for (let tries = 0; tries < MOST_TRIES && beforeMs - start <= LIMIT_MS; tries++) {
      start = Math.max(this.matches.prev(start) ?? -Infinity, start - STRIDE_MS);
      const slot = this.lastBetween(start, beforeMs);
      if (slot !== null) return slot;
    }
    return null;
  }

  private lastBetween(startMs: number, endMs: number): number | null {
    let last: number | null = null;
    for (let slot = this.next(startMs); slot !== null && slot < endMs; slot = this.next(slot)) last = slot;
    return last;
  }
}
