import { daysInMonth, weekdayOf } from '../time/civil.js';
import { hasYear, type CronSpec, type SpecialDays } from './spec.js';

const SATURDAY = 6;
const SUNDAY = 0;

/** The matching days of a month, bit 0 being day 1. `first` is the day number of its first day. */
export function dayMask(spec: CronSpec, year: number, month: number, first: number): number {
  if (((spec.months >> month) & 1) === 0) return 0;
  if (spec.years !== null && !hasYear(spec.years, year)) return 0;
  return daysOfMonth(spec, year, month, first);
}

/** The same by the two day fields alone. */
export function daysOfMonth(spec: CronSpec, year: number, month: number, first: number): number {
  const length = daysInMonth(year, month);
  const weekday = weekdayOf(first);
  let days = spec.days;
  let weekdays = spreadWeekdays(spec.weekdays, weekday);
  if (spec.special !== null) {
    days |= specialDaysOfMonth(spec.special, weekday, length);
    weekdays |= specialDaysOfWeek(spec.special, weekday, length);
  }
  return (spec.eitherDay ? days | weekdays : days & weekdays) & (0x7fffffff >> (31 - length));
}

/** Turns days of the week into days of a month that begins on `first`. */
function spreadWeekdays(weekdays: number, first: number): number {
  const week = ((weekdays >> first) | (weekdays << (7 - first))) & 0x7f;
  return week | (week << 7) | (week << 14) | (week << 21) | (week << 28);
}

function specialDaysOfMonth({ fromEnd, nearest }: SpecialDays, first: number, length: number): number {
  let days = 0;
  for (let back = 0; back < length; back++) if ((fromEnd >> back) & 1) days |= 1 << (length - 1 - back);
  for (let day = 1; day <= length; day++) {
    if ((nearest >> day) & 1) days |= 1 << (nearestWeekday(day, first, length) - 1);
  }
  return nearest & 1 ? days | (1 << (nearestWeekday(length, first, length) - 1)) : days;
}

/** Never leaves the month: from a Saturday the 1st to the 3rd, from a Sunday that ends it two days back. */
function nearestWeekday(day: number, first: number, length: number): number {
  const weekday = (first + day - 1) % 7;
  if (weekday === SATURDAY) return day === 1 ? 3 : day - 1;
  if (weekday === SUNDAY) return day === length ? day - 2 : day + 1;
  return day;
}

function specialDaysOfWeek({ lastOf, nthOf }: SpecialDays, first: number, length: number): number {
  const lastWeek = 0x7f << (length - 7);
  let days = spreadWeekdays(lastOf, first) & lastWeek;
  for (let n = 0; n < nthOf.length; n++) days |= spreadWeekdays(nthOf[n]!, first) & (0x7f << (7 * n));
  return days;
}
