import { DAY_S, dayNumber, dayOf, daysInMonth, monthOf, packedDate, yearOf } from './civil.js';
import { findZone } from './zone.js';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * An RFC 3339 instant as epoch milliseconds, or null when the text is none. As strict as Go's `time.RFC3339`:
 * capital `T` and `Z`, an offset, a date and time of day that exist (no leap second). Fractions are cut to milliseconds.
 */
export function parseInstant(text: string): number | null {
  const match = RFC3339.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return null;
  const offset = (offsetHour * 3600 + offsetMinute * 60) * (match[8] === '-' ? -1 : 1);
  const wall = dayNumber(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second;
  return (wall - offset) * 1000 + Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/**
 * An epoch millisecond (years 0001–9999) as RFC 3339 in a zone; `Z` where the offset is 0, milliseconds only where
 * there are any. Offsets with seconds (local mean time, long ago) are cut to the minute; the instant stays the same.
 * @throws RangeError when there is no such zone.
 */
export function formatInstant(ms: number, zone: string): string {
  const table = findZone(zone);
  if (!table) throw new RangeError('no such time zone');
  const offsetMinutes = Math.trunc(table.segmentAt(Math.floor(ms / 1000)).offset / 60);
  const wallMs = ms + offsetMinutes * 60_000;
  const wall = Math.floor(wallMs / 1000);
  return (
    formatDate(Math.floor(wall / DAY_S)) +
    'T' +
    formatTime(wall, wallMs - wall * 1000) +
    formatOffset(offsetMinutes)
  );
}

function formatDate(day: number): string {
  const date = packedDate(day);
  return `${pad(yearOf(date), 4)}-${pad(monthOf(date))}-${pad(dayOf(date))}`;
}

function formatTime(wall: number, ms: number): string {
  const rest = wall - Math.floor(wall / DAY_S) * DAY_S;
  const fraction = ms === 0 ? '' : '.' + pad(ms, 3);
  return `${pad(Math.floor(rest / 3600))}:${pad(Math.floor(rest / 60) % 60)}:${pad(rest % 60)}${fraction}`;
}

function formatOffset(minutes: number): string {
  if (minutes === 0) return 'Z';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}
