import fc from 'fast-check';
import { formatInstant, isZone, parseInstant } from '../src/time/index.js';
import { Zone } from '../src/time/zone.js';
import { instants, wallClock, zones } from './support/clocks.js';

describe('parseInstant', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2025-03-09T03:00:00-04:00', Date.UTC(2025, 2, 9, 7)],
    ['2025-01-01T05:45:00.5+05:45', Date.UTC(2025, 0, 1, 0, 0, 0, 500)],
    ['2024-02-29T23:59:59.123999999Z', Date.UTC(2024, 1, 29, 23, 59, 59, 123)],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000],
  ])('reads %s', (text, ms) => expect(parseInstant(text)).toBe(ms));

  it.each([
    '',
    '2025-01-01',
    '2025-01-01T00:00:00',
    '2025-01-01t00:00:00Z',
    '2025-01-01T00:00:00z',
    '2025-01-01 00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-00-01T00:00:00Z',
    '2025-01-00T00:00:00Z',
    '2025-04-31T00:00:00Z',
    '2025-01-01T24:00:00Z',
    '2025-01-01T00:60:00Z',
    '2025-01-01T00:00:60Z',
    '2025-01-01T00:00:00.Z',
    '2025-01-01T00:00:00,5Z',
    '2025-01-01T00:00:00+24:00',
    '2025-01-01T00:00:00+08:60',
    '2025-01-01T00:00:00+0800',
    '2025-1-1T00:00:00Z',
    ' 2025-01-01T00:00:00Z',
    '٢٠٢٥-01-01T00:00:00Z',
  ])('refuses %j', (text) => expect(parseInstant(text)).toBeNull());
});

describe('formatInstant', () => {
  it.each([
    [0, 'UTC', '1970-01-01T00:00:00Z'],
    [250, 'Asia/Shanghai', '1970-01-01T08:00:00.250+08:00'],
    [Date.UTC(2025, 0, 1), 'Europe/London', '2025-01-01T00:00:00Z'],
    [Date.UTC(2025, 6, 1), 'America/St_Johns', '2025-06-30T21:30:00-02:30'],
    [-1, 'UTC', '1969-12-31T23:59:59.999Z'],
  ])('writes %i in %s as %s', (ms, zone, text) => expect(formatInstant(ms, zone)).toBe(text));

  it('is undone by parseInstant, also in times of odd offsets', () => {
    const anyMs = fc.integer({ min: Date.UTC(1800, 0), max: Date.UTC(2500, 0) });
    fc.assert(
      fc.property(anyMs, zones, (ms, zone) => expect(parseInstant(formatInstant(ms, zone))).toBe(ms)),
      { seed: 1, numRuns: 500 },
    );
  });

  it('throws for an unknown zone', () => expect(() => formatInstant(0, 'Nowhere')).toThrow(RangeError));
});

describe('isZone', () => {
  it.each([
    'UTC',
    'Etc/GMT+12',
    'America/Argentina/Buenos_Aires',
    'EST5EDT',
    'Asia/Calcutta',
    'asia/shanghai',
  ])('knows %s', (name) => expect(isZone(name)).toBe(true));
  it.each(['', 'Local', 'Mars/Base', '+08:00', 'UTC+8', ' UTC', 'UTC\n', '../etc/passwd'])(
    'does not know %j',
    (name) => expect(isZone(name)).toBe(false),
  );
});

describe('a zone', () => {
  it('has the offset that Intl gives, now and in far years', () => {
    const far = fc.integer({ min: Date.UTC(2200, 0) / 1000, max: Date.UTC(9999, 0) / 1000 });
    const near = instants.map((ms) => Math.floor(ms / 1000));
    fc.assert(
      fc.property(fc.oneof(near, far), zones, (second, zone) => {
        expect(new Zone(zone).segmentAt(second).offset).toBe(wallClock(second, zone) - second);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('has segments that follow each other without a gap', () => {
    const zone = new Zone('Asia/Gaza');
    let segment = zone.segmentAt(Date.UTC(2008, 0) / 1000);
    for (let i = 0; i < 200; i++) {
      const next = zone.segmentAt(segment.until);
      expect(next.from).toBe(segment.until);
      expect(next.reached).toBeGreaterThanOrEqual(segment.until + segment.offset);
      segment = next;
    }
  });
});
