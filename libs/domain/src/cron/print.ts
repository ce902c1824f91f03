import { formatInstant } from '../time/instant.js';
import { CronSchedule } from './cron-schedule.js';
import { AnchoredSchedule, DriftingSchedule } from './every-schedule.js';
import { YEAR } from './fields.js';
import { OnceSchedule } from './once-schedule.js';
import { RobfigSchedule } from './robfig-schedule.js';
import type { Schedule } from './schedule.js';
import { hasYear, type CronSpec, type SpecialDays } from './spec.js';
import { WindowedSchedule } from './windowed-schedule.js';

/**
 * A schedule in one canonical spelling, zone included: two schedules with the same rule, key, anchor and window that
 * print alike have the same slots, and what is printed parses back to the same. `H` is printed as what it came to.
 */
export function printSchedule(schedule: Schedule): string {
  if (schedule instanceof WindowedSchedule) return printSchedule(schedule.inner);
  if (schedule instanceof OnceSchedule) return formatInstant(schedule.instantMs, 'UTC');
  const prefix = `CRON_TZ=${schedule.zone} `;
  if (schedule instanceof AnchoredSchedule || schedule instanceof DriftingSchedule) {
    return `${prefix}@every ${schedule.stepMs / 1000}s`;
  }
  const cron = schedule instanceof RobfigSchedule ? schedule.matches : schedule;
  return cron instanceof CronSchedule ? prefix + printSpec(cron.spec) : schedule.text;
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const members = (bits: number, from: number, to: number): number[] =>
  range(from, to).filter((value) => (bits >> (value - from)) & 1);

function printSpec(spec: CronSpec): string {
  const [second, minute, hour, day, month, weekday] = valuesOf(spec);
  const star = !spec.fixedTime;
  const paced = star && ![60, 60, 24].some((all, i) => [second, minute, hour][i]!.length === all);
  const fields = [
    star && second.length === 60 ? '*' : printList(second),
    star && minute.length === 60 ? '*' : printList(minute),
    star && hour.length === 24 ? '*' : paced ? printPaced(hour) : printList(hour),
    printDays(day, spec.special && daysOfMonth(spec.special), !spec.eitherDay && day.length === 31),
    month.length === 12 ? '*' : printList(month),
    printDays(weekday, spec.special && daysOfWeek(spec.special), !spec.eitherDay && weekday.length === 7),
  ];
  const { years } = spec;
  if (years) fields.push(printList(range(YEAR.min, YEAR.max).filter((year) => hasYear(years, year))));
  return fields.join(' ');
}

type SixLists = [number[], number[], number[], number[], number[], number[]];

function valuesOf(spec: CronSpec): SixLists {
  return [
    [...members(spec.secondsLow, 0, 29), ...members(spec.secondsHigh, 30, 59)],
    [...members(spec.minutesLow, 0, 29), ...members(spec.minutesHigh, 30, 59)],
    members(spec.hours, 0, 23),
    members(spec.days, 1, 31),
    members(spec.months, 0, 12),
    members(spec.weekdays, 0, 6),
  ];
}

/** Runs as ranges; the empty set as the lone comma that robfig/cron takes for it. */
function printList(values: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run && run[1] === value - 1) run[1] = value;
    else runs.push([value, value]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',') || ',';
}

/** The same with a step in its first item, which is what makes a schedule follow real time. */
const printPaced = (values: readonly number[]): string =>
  printList(values).replace(/^(\d+)(-\d+)?/, pacedItem);
const pacedItem = (_: string, from: string, to?: string): string => `${from}${to ?? `-${from}`}/1`;

function printDays(values: readonly number[], special: readonly string[] | null, star: boolean): string {
  if (star) return '*';
  const plain = values.length > 0 ? [printList(values)] : [];
  return [...plain, ...(special ?? [])].join(',') || ',';
}

const daysOfMonth = ({ fromEnd, nearest }: SpecialDays): string[] => [
  ...members(fromEnd, 0, 30).map((back) => (back === 0 ? 'L' : `L-${back}`)),
  ...range(0, 31)
    .filter((day) => (nearest >> day) & 1)
    .map((day) => (day === 0 ? 'LW' : `${day}W`)),
];

const daysOfWeek = ({ lastOf, nthOf }: SpecialDays): string[] => [
  ...members(lastOf, 0, 6).map((day) => `${day}L`),
  ...nthOf.flatMap((days, i) => members(days, 0, 6).map((day) => `${day}#${i + 1}`)),
];
