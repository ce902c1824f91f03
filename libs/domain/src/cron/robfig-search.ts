import { DAY_S, dayNumber, dayOf, monthOf, packedDate, yearOf } from '../time/civil.js';
import type { Zone } from '../time/zone.js';
import { daysOfMonth } from './day-mask.js';
import type { CronSpec } from './spec.js';

/*
 * How robfig/cron finds the next instant, with what that does in the nights of transition: it walks real time from the
 * coarsest field to the finest, and goes back to the coarsest only when a field comes round to its first value. So a
 * midnight that does not exist can cost a whole day, and an hour that begins at half past its first half.
 */
interface Stage {
  matches(spec: CronSpec, wall: number): boolean;
  /** Cuts off what is finer than the field; done once, by the first stage that has to move. */
  round(zone: Zone, at: number): number;
  advance(zone: Zone, at: number): number;
  /** The field is at its first value. */
  wraps(wall: number): boolean;
}

const wallOf = (zone: Zone, at: number): number => at + zone.segmentAt(at).offset;
const dateOf = (wall: number): number => packedDate(Math.floor(wall / DAY_S));
const timeOf = (wall: number): number => wall - Math.floor(wall / DAY_S) * DAY_S;
const hourOf = (wall: number): number => Math.floor(timeOf(wall) / 3600);
const has60 = (low: number, high: number, value: number): boolean =>
  ((value < 30 ? low >> value : high >> (value - 30)) & 1) === 1;

/** As Go's `time.Date` resolves a wall time: right where there is one instant, one of two guesses where there is none or two. */
function instantOf(zone: Zone, wall: number): number {
  const guess = zone.segmentAt(wall);
  const at = wall - guess.offset;
  if (guess.offset === 0 || (at >= guess.from && at < guess.until)) return at;
  return wall - zone.segmentAt(at).offset;
}

/** The same time of day on the date that is so many months and days on; a day too many runs into the next month. */
function shift(zone: Zone, at: number, months: number, days: number): number {
  const wall = wallOf(zone, at);
  const date = dateOf(wall);
  const month = monthOf(date) - 1 + months;
  const day = dayNumber(yearOf(date) + Math.floor(month / 12), (month % 12) + 1, 1) + dayOf(date) - 1 + days;
  return instantOf(zone, day * DAY_S + timeOf(wall));
}

const MONTH: Stage = {
  matches: (spec, wall) => ((spec.months >> monthOf(dateOf(wall))) & 1) === 1,
  round(zone, at) {
    const wall = wallOf(zone, at);
    return instantOf(zone, wall - timeOf(wall) - (dayOf(dateOf(wall)) - 1) * DAY_S);
  },
  advance: (zone, at) => shift(zone, at, 1, 0),
  wraps: (wall) => monthOf(dateOf(wall)) === 1,
};

const DAY: Stage = {
  matches(spec, wall) {
    const day = Math.floor(wall / DAY_S);
    const date = packedDate(day);
    const first = day - dayOf(date) + 1;
    return ((daysOfMonth(spec, yearOf(date), monthOf(date), first) >> (day - first)) & 1) === 1;
  },
  round(zone, at) {
    const wall = wallOf(zone, at);
    return instantOf(zone, wall - timeOf(wall));
  },
  advance(zone, at) {
    const next = shift(zone, at, 0, 1);
    const hour = hourOf(wallOf(zone, next));
    return next + (hour > 12 ? 24 - hour : -hour) * 3600;
  },
  wraps: (wall) => dayOf(dateOf(wall)) === 1,
};

const HOUR: Stage = {
  matches: (spec, wall) => ((spec.hours >> hourOf(wall)) & 1) === 1,
  round(zone, at) {
    const wall = wallOf(zone, at);
    return instantOf(zone, wall - (timeOf(wall) % 3600));
  },
  advance: (_, at) => at + 3600,
  wraps: (wall) => hourOf(wall) === 0,
};

const MINUTE: Stage = {
  matches: (spec, wall) => has60(spec.minutesLow, spec.minutesHigh, Math.floor(timeOf(wall) / 60) % 60),
  round: (_, at) => Math.floor(at / 60) * 60,
  advance: (_, at) => at + 60,
  wraps: (wall) => Math.floor(timeOf(wall) / 60) % 60 === 0,
};

const SECOND: Stage = {
  matches: (spec, wall) => has60(spec.secondsLow, spec.secondsHigh, timeOf(wall) % 60),
  round: (_, at) => at,
  advance: (_, at) => at + 1,
  wraps: (wall) => timeOf(wall) % 60 === 0,
};

const STAGES = [MONTH, DAY, HOUR, MINUTE, SECOND] as const;

/** The search of the original ends with the fifth year after the start. */
export const ROBFIG_YEARS = 5;

// Six years of days are 2 192. In Pacific/Apia the original never comes past the day that was left out.
const MOST_STEPS = 4000;

/** The instant (epoch seconds) that robfig/cron answers when asked from `from` on. */
export function searchAsRobfig(spec: CronSpec, zone: Zone, from: number): number | 'none' | 'endless' {
  const lastYear = yearOf(dateOf(wallOf(zone, from))) + ROBFIG_YEARS;
  let at = from;
  let rounded = false;
  let index = 0;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    while (index < STAGES.length && STAGES[index]!.matches(spec, wallOf(zone, at))) index++;
    const stage = STAGES[index];
    if (stage === undefined) return at;
    at = stage.advance(zone, rounded ? at : stage.round(zone, at));
    rounded = true;
    const wall = wallOf(zone, at);
    if (!stage.wraps(wall)) continue;
    if (yearOf(dateOf(wall)) > lastYear) return 'none';
    index = 0;
  }
  return 'endless';
}
