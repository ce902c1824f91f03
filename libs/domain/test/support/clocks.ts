import fc from 'fast-check';
import { parseSchedule } from '../../src/cron/index.js';
import type { Schedule, ScheduleOptions } from '../../src/cron/index.js';

/** Zones of whole, half and quarter hours, with gaps at night, at midnight and of a whole day, and without any. */
export const ZONES = [
  'UTC',
  'Asia/Shanghai',
  'America/New_York',
  'Europe/Berlin',
  'Europe/Dublin',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Africa/Cairo',
  'Asia/Gaza',
  'Asia/Kathmandu',
  'America/Nuuk',
  'America/St_Johns',
  'Antarctica/Troll',
  'Etc/GMT+12',
] as const;

/** The night before the clocks go forward, and the one before they go back, in six zones. */
export const NIGHTS: readonly (readonly [zone: string, middle: string])[] = [
  ['America/New_York', '2025-03-09T07:00:00Z'],
  ['America/New_York', '2025-11-02T06:00:00Z'],
  ['Europe/Berlin', '2025-03-30T01:00:00Z'],
  ['Europe/Berlin', '2025-10-26T01:00:00Z'],
  ['Australia/Lord_Howe', '2025-10-04T15:30:00Z'],
  ['Australia/Lord_Howe', '2025-04-05T15:00:00Z'],
  ['Africa/Cairo', '2025-04-24T22:00:00Z'],
  ['Africa/Cairo', '2025-10-30T21:00:00Z'],
  ['Pacific/Chatham', '2025-09-27T14:00:00Z'],
  ['Pacific/Chatham', '2025-04-05T14:00:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
  ['America/Nuuk', '2025-10-26T01:00:00Z'],
];

const formats = new Map<string, Intl.DateTimeFormat>();
const UNITS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const options = Object.fromEntries(UNITS.map((unit) => [unit, 'numeric']));
  const format = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone, hourCycle: 'h23' });
  formats.set(zone, format);
  return format;
}

/** What the clocks of a zone show at an epoch second, in seconds as if it were UTC; straight from `Intl`. */
export function wallClock(second: number, zone: string): number {
  const parts = formatOf(zone).formatToParts(second * 1000);
  const [year, month, day, hour, minute, rest] = UNITS.map((unit) =>
    Number(parts.find(({ type }) => type === unit)!.value),
  ) as [number, number, number, number, number, number];
  return Date.UTC(year, month - 1, day, hour, minute, rest) / 1000;
}

export const plan = (text: string, options: Partial<ScheduleOptions> = {}): Schedule =>
  parseSchedule(text, { zone: 'UTC', dst: 'default', hashKey: 'job', anchorMs: null, ...options });

/** The next `count` slots, each asked for from the one before. */
export function slotsAfter(schedule: Schedule, afterMs: number, count: number): number[] {
  const slots: number[] = [];
  for (let slot = schedule.next(afterMs); slot !== null && slots.length < count; slot = schedule.next(slot)) {
    slots.push(slot);
  }
  return slots;
}

/** All slots later than `fromMs` and not later than `toMs`. */
export function slotsBetween(schedule: Schedule, fromMs: number, toMs: number): number[] {
  const slots: number[] = [];
  for (let slot = schedule.next(fromMs); slot !== null && slot <= toMs; slot = schedule.next(slot))
    slots.push(slot);
  return slots;
}

const FROM_MS = Date.UTC(2008, 0);
const TO_MS = Date.UTC(2026, 0);

/** Any millisecond of 2008 to 2025, and as often one within a day of a transition. */
export const instants: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: FROM_MS, max: TO_MS }),
  fc
    .tuple(fc.constantFrom(...NIGHTS), fc.integer({ min: -86_400_000, max: 86_400_000 }))
    .map(([[, middle], away]) => Date.parse(middle) + away),
);

export const zones = fc.constantFrom(...ZONES);
