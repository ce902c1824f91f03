import {
  DAY_S,
  EARLIEST_S,
  LATEST_S,
  dayNumber,
  dayOf,
  daysInMonth,
  monthOf,
  packedDate,
  yearOf,
} from '../time/civil.js';
import { atLeast, atMost, highest, highest60, lowest, lowest60 } from './bits.js';
import { dayMask } from './day-mask.js';
import { YEAR } from './fields.js';
import type { CronSpec } from './spec.js';

const { floor } = Math;

/*
 * The search among wall times: seconds since 1970-01-01 00:00 as a clock on the wall counts them, no zone involved.
 * Integers only and nothing allocated; a day is found by one mask per month.
 */

/** What the searches answer when nothing matches; the one backwards, its negative. */
export const NEVER = Infinity;

/** The first matching wall time at or after `wall`, `NEVER` when there is none up to the day `lastDay`. */
export function nextWall(spec: CronSpec, wall: number, lastDay: number): number {
  const day = floor(wall / DAY_S);
  const found = nextDay(spec, day, lastDay);
  if (found === day) {
    const time = nextTime(spec, wall - day * DAY_S);
    return time >= 0 ? day * DAY_S + time : startOf(spec, nextDay(spec, day + 1, lastDay));
  }
  return startOf(spec, found);
}

/** The last matching wall time at or before `wall`, `-NEVER` when there is none down to the day `firstDay`. */
export function prevWall(spec: CronSpec, wall: number, firstDay: number): number {
  const day = floor(wall / DAY_S);
  const found = prevDay(spec, day, firstDay);
  if (found === day) {
    const time = prevTime(spec, wall - day * DAY_S);
    return time >= 0 ? day * DAY_S + time : endOf(spec, prevDay(spec, day - 1, firstDay));
  }
  return endOf(spec, found);
}

const FIRST_YEAR_DAY = dayNumber(YEAR.min, 1, 1);
const LAST_YEAR_DAY = dayNumber(YEAR.max, 12, 31);

/** Whether any date of the years 1970 to 2199 satisfies it. */
export const everFires = (spec: CronSpec): boolean =>
  nextWall(spec, FIRST_YEAR_DAY * DAY_S, LAST_YEAR_DAY) !== NEVER;

/** The days between which every search stays. */
export const FIRST_DAY = EARLIEST_S / DAY_S;
export const LAST_DAY = floor(LATEST_S / DAY_S);

const startOf = (spec: CronSpec, day: number): number => day * DAY_S + nextTime(spec, 0);
const endOf = (spec: CronSpec, day: number): number => day * DAY_S + prevTime(spec, DAY_S - 1);

function nextDay(spec: CronSpec, day: number, lastDay: number): number {
  const date = packedDate(day);
  let year = yearOf(date);
  let month = monthOf(date);
  let first = day - dayOf(date) + 1;
  let days = atLeast(dayMask(spec, year, month, first), day - first);
  while (days === 0 && first <= lastDay) {
    first += daysInMonth(year, month);
    month = month === 12 ? 1 : month + 1;
    if (month === 1) year++;
    days = dayMask(spec, year, month, first);
  }
  const found = first + lowest(days);
  return days !== 0 && found <= lastDay ? found : NEVER;
}

function prevDay(spec: CronSpec, day: number, firstDay: number): number {
  const date = packedDate(day);
  let year = yearOf(date);
  let month = monthOf(date);
  let first = day - dayOf(date) + 1;
  let days = atMost(dayMask(spec, year, month, first), day - first);
  while (days === 0 && first >= firstDay) {
    month = month === 1 ? 12 : month - 1;
    if (month === 12) year--;
    first -= daysInMonth(year, month);
    days = dayMask(spec, year, month, first);
  }
  const found = first + highest(days);
  return days !== 0 && found >= firstDay ? found : -NEVER;
}

/** The first matching second of a day from `time` on, -1 when there is none left. */
function nextTime(spec: CronSpec, time: number): number {
  const hour = (time / 3600) | 0;
  if ((spec.hours >> hour) & 1) {
    const within = nextInHour(spec, time - hour * 3600);
    if (within >= 0) return hour * 3600 + within;
  }
  const later = atLeast(spec.hours, hour + 1);
  return later === 0 ? -1 : lowest(later) * 3600 + nextInHour(spec, 0);
}

function nextInHour(spec: CronSpec, time: number): number {
  const minute = (time / 60) | 0;
  const found = lowest60(spec.minutesLow, spec.minutesHigh, minute);
  if (found === minute) {
    const second = lowest60(spec.secondsLow, spec.secondsHigh, time - minute * 60);
    if (second >= 0) return minute * 60 + second;
  }
  const later = found === minute ? lowest60(spec.minutesLow, spec.minutesHigh, minute + 1) : found;
  return later < 0 ? -1 : later * 60 + lowest60(spec.secondsLow, spec.secondsHigh, 0);
}

/** The last matching second of a day up to `time`, -1 when there is none before. */
function prevTime(spec: CronSpec, time: number): number {
  const hour = (time / 3600) | 0;
  if ((spec.hours >> hour) & 1) {
    const within = prevInHour(spec, time - hour * 3600);
    if (within >= 0) return hour * 3600 + within;
  }
  const earlier = atMost(spec.hours, hour - 1);
  return earlier === 0 ? -1 : highest(earlier) * 3600 + prevInHour(spec, 3599);
}

function prevInHour(spec: CronSpec, time: number): number {
  const minute = (time / 60) | 0;
  const found = highest60(spec.minutesLow, spec.minutesHigh, minute);
  if (found === minute) {
    const second = highest60(spec.secondsLow, spec.secondsHigh, time - minute * 60);
    if (second >= 0) return minute * 60 + second;
  }
  const earlier = found === minute ? highest60(spec.minutesLow, spec.minutesHigh, minute - 1) : found;
  return earlier < 0 ? -1 : earlier * 60 + highest60(spec.secondsLow, spec.secondsHigh, 59);
}
