import type { DstRule } from '../job/job.js';
import { bitsOf } from './bits.js';
import { YEAR } from './fields.js';

/** The days of month or week that depend on the month: `L`, `W` and `#`. */
export interface SpecialDays {
  /** Bit n: the day n before the last (`L` is 0). */
  fromEnd: number;
  /** Bit n: the weekday nearest to day n (`nW`); bit 0: the last weekday (`LW`). */
  nearest: number;
  /** Bit w: the last such day of the week (`5L`). */
  lastOf: number;
  /** `nthOf[n - 1]` bit w: the n-th such day of the week (`5#n`). */
  nthOf: [number, number, number, number, number];
}

export const noSpecialDays = (): SpecialDays => ({
  fromEnd: 0,
  nearest: 0,
  lastOf: 0,
  nthOf: [0, 0, 0, 0, 0],
});
const isEmpty = ({ fromEnd, nearest, lastOf, nthOf }: SpecialDays): boolean =>
  (fromEnd | nearest | lastOf) === 0 && nthOf.every((days) => days === 0);

/** A parsed cron expression: the wall times it names, without a zone. Immutable, about 150 bytes. */
export interface CronSpec {
  /** Bits for 0–29 and 30–59. */
  readonly secondsLow: number;
  readonly secondsHigh: number;
  readonly minutesLow: number;
  readonly minutesHigh: number;
  readonly hours: number;
  /** Bit 0 is day 1. */
  readonly days: number;
  /** Bit m is month m. Empty also when the time of day is: then no day matches, and no search goes further. */
  readonly months: number;
  /** Bit 0 is Sunday. */
  readonly weekdays: number;
  /** Both day fields are restricted: a day matches by either. Otherwise it must match by both. */
  readonly eitherDay: boolean;
  /** Second, minute and hour have no `*`, `?` or `/`: the schedule names times of day, not a pace. */
  readonly fixedTime: boolean;
  /** Bit y of word w is the year 1970 + 30 w + y; null: every year, also past 2199. */
  readonly years: readonly number[] | null;
  readonly special: SpecialDays | null;
}

/** What one field's text says. */
export interface FieldValues {
  readonly values: Set<number>;
  /** It contains `*` or `?` without a step above 1: the field does not restrict. */
  star: boolean;
  /** It contains `*`, `?` or `/`. */
  readonly paced: boolean;
}

/** What the fields of one expression share. `special` collects the days that `L`, `W` and `#` name. */
export interface ParseContext {
  readonly rule: DstRule;
  readonly hashKey: string;
  readonly special: SpecialDays;
}

const YEARS_A_WORD = 30;
type SixFields = [FieldValues, FieldValues, FieldValues, FieldValues, FieldValues, FieldValues];

export const hasYear = (years: readonly number[], year: number): boolean => {
  const index = year - YEAR.min;
  return (((years[Math.floor(index / YEARS_A_WORD)] ?? 0) >> (index % YEARS_A_WORD)) & 1) === 1;
};

function yearWords(years: ReadonlySet<number>): number[] {
  const words: number[] = [];
  for (let from = YEAR.min; from <= YEAR.max; from += YEARS_A_WORD)
    words.push(bitsOf(years, from, YEARS_A_WORD));
  return words;
}

/** Puts the parsed fields, seconds first, and the special days met in them together. */
export function buildSpec(fields: readonly FieldValues[], special: SpecialDays): CronSpec {
  const [second, minute, hour, day, month, weekday, year] = fields as readonly [...SixFields, FieldValues?];
  const time = [second, minute, hour];
  return {
    secondsLow: bitsOf(second.values, 0, 30),
    secondsHigh: bitsOf(second.values, 30, 30),
    minutesLow: bitsOf(minute.values, 0, 30),
    minutesHigh: bitsOf(minute.values, 30, 30),
    hours: bitsOf(hour.values, 0, 24),
    days: bitsOf(day.values, 1, 31),
    months: time.some(({ values }) => values.size === 0) ? 0 : bitsOf(month.values, 0, 13),
    weekdays: bitsOf(weekday.values, 0, 7),
    eitherDay: !day.star && !weekday.star,
    fixedTime: !time.some(({ paced }) => paced),
    years: !year || year.star ? null : yearWords(year.values),
    special: isEmpty(special) ? null : special,
  };
}
