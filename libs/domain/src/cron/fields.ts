export type FieldName = 'second' | 'minute' | 'hour' | 'day_of_month' | 'month' | 'day_of_week' | 'year';

export interface Field {
  readonly name: FieldName;
  readonly min: number;
  /** What `*` reaches. */
  readonly max: number;
  /** The highest number that may be written, and what `N/s` reaches: above `max` for the day of week, where 7 is Sunday too. */
  readonly top: number;
  readonly names: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const field = (
  name: FieldName,
  min: number,
  max: number,
  names: readonly string[] = [],
  top = max,
): Field => ({
  name,
  min,
  max,
  top,
  names,
});

export const YEAR = field('year', 1970, 2199);
const SECOND = field('second', 0, 59);
const SIX = [
  SECOND,
  field('minute', 0, 59),
  field('hour', 0, 23),
  field('day_of_month', 1, 31),
  field('month', 1, 12, MONTHS),
];

/** The six fields, seconds first. */
export const FIELDS: readonly Field[] = [...SIX, field('day_of_week', 0, 6, WEEKDAYS, 7)];

/** robfig/cron knows no 7 in the day of week. */
export const ROBFIG_FIELDS: readonly Field[] = [...SIX, field('day_of_week', 0, 6, WEEKDAYS)];
