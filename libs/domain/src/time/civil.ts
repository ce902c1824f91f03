/** Calendar arithmetic on plain integers: proleptic Gregorian, days counted from 1970-01-01. */

const { floor } = Math;

export const DAY_S = 86_400;

/** Days from 1970-01-01 to a date; month 1–12, day from 1. Does not check that the date exists. */
export function dayNumber(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const era = floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear - 719_468
  );
}

/** First and last second that this product can name: the years 0001 to 9999. */
export const EARLIEST_S = dayNumber(1, 1, 1) * DAY_S;
export const LATEST_S = dayNumber(10_000, 1, 1) * DAY_S - 1;

const YEAR_SHIFT = 9;
const MONTH_SHIFT = 5;

/** The date of a day number in one integer, so that a search allocates nothing; take it apart with the three below. */
export function packedDate(day: number): number {
  const shifted = day + 719_468;
  const era = floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leapDays = ((dayOfEra / 1460) | 0) - ((dayOfEra / 36_524) | 0) + ((dayOfEra / 146_096) | 0);
  const yearOfEra = ((dayOfEra - leapDays) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0));
  const shiftedMonth = ((5 * dayOfYear + 2) / 153) | 0;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return (
    (year << YEAR_SHIFT) | (month << MONTH_SHIFT) | (dayOfYear - (((153 * shiftedMonth + 2) / 5) | 0) + 1)
  );
}
export const yearOf = (packed: number): number => packed >> YEAR_SHIFT;
export const monthOf = (packed: number): number => (packed >> MONTH_SHIFT) & 15;
export const dayOf = (packed: number): number => packed & 31;

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** 28 to 31; month 1–12. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return 30 + ((month + (month >> 3)) & 1);
}

/** 0 (Sunday) to 6. */
export const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;
