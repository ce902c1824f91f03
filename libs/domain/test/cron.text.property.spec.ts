import fc from 'fast-check';
import { CronError, printSchedule, type ScheduleOptions } from '../src/cron/index.js';
import { Zone } from '../src/time/zone.js';
import { instants, plan, slotsAfter, slotsBetween, wallClock, zones } from './support/clocks.js';
import { matchesWall, samples } from './support/expressions.js';

const RUNS = { seed: 20_251_109, numRuns: 200 };
const YEAR_MS = 366 * 86_400_000;

/** Two texts with one meaning, drawn for each run. */
const SAME: Record<string, fc.Arbitrary<[string, string]>> = {
  'five fields and six with second 0': samples.map(({ fields }) => {
    const five = fields
      .slice(1)
      .map(({ text }) => text)
      .join(' ');
    return [five, `0 ${five}`];
  }),
  'seven fields with any year and six': samples.map(({ text }) => [`${text} *`, text]),
  '? and *': samples.map(({ text }) => [text.replaceAll('*', '?'), text]),
  'SUN, 0 and 7': fc
    .tuple(samples, fc.constantFrom('SUN', '0', '7'), fc.constantFrom('SUN', '0', '7'))
    .map(([{ fields }, a, b]) => {
      const rest = fields
        .slice(0, 5)
        .map(({ text }) => text)
        .join(' ');
      return [`${rest} ${a}`, `${rest} ${b}`];
    }),
  'a list in any order, with repeats': fc
    .uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 2, maxLength: 6 })
    .map((list) => [`0 ${list.join()} 3 * * *`, `0 ${[...list].reverse().join()},${list[0]} 3 * * *`]),
  'a range and its list': fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 23 }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    .map(([a, b]) => {
      const list = Array.from({ length: b - a + 1 }, (_, i) => a + i).join();
      return [`0 30 ${a}-${b} * * *`, `0 30 ${list} * * *`];
    }),
  '*/n and min-max/n': fc
    .integer({ min: 1, max: 70 })
    .map((n) => [`0 */${n} * * * *`, `0 0-59/${n} * * * *`]),
  'a macro and its fields': fc.constantFrom<[string, string]>(
    ['@yearly', '0 0 1 1 *'],
    ['@annually', '@yearly'],
    ['@monthly', '0 0 1 * *'],
    ['@weekly', '0 0 * * 0'],
    ['@daily', '0 0 * * *'],
    ['@midnight', '@daily'],
    ['@hourly', '0 * * * *'],
  ),
  'names in any case and numbers': fc
    .tuple(fc.constantFrom('mar', 'Mar', 'MAR', 'mAr'), fc.constantFrom('wed', 'Wed', 'WED'))
    .map(([month, day]) => [`0 0 9 ? ${month} ${day}`, '0 0 9 ? 3 3']),
  'any blanks': fc
    .tuple(samples, fc.constantFrom('  ', '\t', ' \t '))
    .map(([{ text }, blanks]) => [blanks + text.replaceAll(' ', blanks) + blanks, text]),
};

describe('two spellings of one schedule', () => {
  it.each(Object.keys(SAME))('%s have the same slots', (name) => {
    fc.assert(
      fc.property(SAME[name]!, zones, instants, ([a, b], zone, after) => {
        expect(slotsAfter(plan(a, { zone }), after, 5)).toEqual(slotsAfter(plan(b, { zone }), after, 5));
      }),
      { ...RUNS, numRuns: 50 },
    );
  });

  it('a zone prefix in any job and the job in that zone have the same slots', () => {
    fc.assert(
      fc.property(samples, zones, zones, instants, ({ text }, zone, other, after) => {
        const prefixed = plan(`CRON_TZ=${zone} ${text}`, { zone: other });
        expect(prefixed.zone).toBe(zone);
        expect(slotsAfter(prefixed, after, 5)).toEqual(slotsAfter(plan(text, { zone }), after, 5));
      }),
      RUNS,
    );
  });
});

describe('H', () => {
  const IDS = Array.from({ length: 10_000 }, (_, i) => `job-${i}`);
  const slotOf = (text: string, hashKey: string): Date => new Date(plan(text, { hashKey }).next(0)!);

  const chiSquare = (values: number[], buckets: number): number => {
    const counts = new Map<number, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const wanted = values.length / buckets;
    const empty = (buckets - counts.size) * wanted;
    return [...counts.values()].reduce((sum, count) => sum + (count - wanted) ** 2 / wanted, empty);
  };

  it('spreads jobs evenly over minutes, hours and days, each by itself', () => {
    const times = IDS.map((id) => slotOf('0 H H H * *', id));
    // The 99.9 % points of the chi-square distribution with 59, 23, 27 and 1439 degrees of freedom.
    expect(
      chiSquare(
        times.map((time) => time.getUTCMinutes()),
        60,
      ),
    ).toBeLessThan(98.3);
    expect(
      chiSquare(
        times.map((time) => time.getUTCHours()),
        24,
      ),
    ).toBeLessThan(49.7);
    expect(
      chiSquare(
        times.map((time) => time.getUTCDate()),
        28,
      ),
    ).toBeLessThan(55.5);
    expect(
      chiSquare(
        times.map((time) => time.getUTCHours() * 60 + time.getUTCMinutes()),
        1440,
      ),
    ).toBeLessThan(1611);
  });

  it('is the same for a job for ever', () => {
    const times = ['', 'a', '5f1c1bb5-7a4c-4f7c-9a2e-3c1d5a9e0b11'].map((id) =>
      slotOf('H H H H H ?', id).toISOString(),
    );
    expect(times).toEqual([
      '1970-03-14T07:44:43.000Z',
      '1970-12-21T15:55:11.000Z',
      '1970-07-11T18:54:50.000Z',
    ]);
  });

  it('with a step keeps the step', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 1, max: 30 }), (hashKey, step) => {
        const slots = slotsBetween(plan(`0 H/${step} 0 * * *`, { hashKey }), -1, 3_599_000).map(
          (ms) => ms / 60_000,
        );
        expect(slots[0]).toBeLessThan(step);
        expect(slots).toEqual(
          Array.from({ length: Math.ceil((60 - slots[0]!) / step) }, (_, i) => slots[0]! + i * step),
        );
      }),
      RUNS,
    );
  });
});

describe('the wall times of a schedule', () => {
  it('are the same in every zone of fixed offset', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: -12, max: 14 }), instants, ({ text }, east, after) => {
        const zone = `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`;
        const there = slotsAfter(plan(text, { zone }), after - east * 3_600_000, 5);
        expect(there.map((slot) => slot + east * 3_600_000)).toEqual(slotsAfter(plan(text), after, 5));
      }),
      RUNS,
    );
  });

  it('are all those that match, and no other, where no clock is changed', () => {
    fc.assert(
      fc.property(
        samples,
        fc.constantFrom('Asia/Shanghai', 'Asia/Kathmandu'),
        instants,
        (sample, zone, after) => {
          const day = Math.ceil(after / 86_400_000) * 86_400;
          const wall = wallClock(day, zone);
          const wanted = Array.from({ length: 86_400 }, (_, i) => i).filter((i) =>
            matchesWall(sample, wall + i),
          );
          const found = slotsBetween(plan(sample.text, { zone }), day * 1000 - 1, (day + 86_399) * 1000);
          expect(found.map((slot) => slot / 1000 - day)).toEqual(wanted);
        },
      ),
      { ...RUNS, numRuns: 20 },
    );
  });

  const merge = (a: number[], b: number[]): number[] => [...new Set([...a, ...b])].sort((x, y) => x - y);
  const daysOfMonth = fc.constantFrom('1', '13', '31', 'L', 'L-3', 'LW', '15W', '1W', '*/10', '5-9');
  const daysOfWeek = fc.constantFrom('0', 'MON', '1-5', 'FRIL', '3L', '1#1', 'TUE#5', '2#2');

  it.each([
    ['day of month', daysOfMonth, (days: string) => `0 0 9 ${days} * ?`],
    ['day of week', daysOfWeek, (days: string) => `0 0 9 ? * ${days}`],
  ] as const)('of a list of days (%s) are the union of its items', (_, days, expression) => {
    fc.assert(
      fc.property(days, days, zones, instants, (a, b, zone, after) => {
        const slots = (list: string): number[] =>
          slotsBetween(plan(expression(list), { zone }), after, after + 2 * YEAR_MS);
        expect(slots(`${a},${b}`)).toEqual(merge(slots(a), slots(b)));
      }),
      RUNS,
    );
  });

  it('of both day fields restricted are the union of either alone', () => {
    fc.assert(
      fc.property(daysOfMonth, daysOfWeek, zones, instants, (day, weekday, zone, after) => {
        const slots = (days: string): number[] =>
          slotsBetween(plan(days, { zone }), after, after + 2 * YEAR_MS);
        const union = merge(slots(`0 0 9 ${day} * ?`), slots(`0 0 9 ? * ${weekday}`));
        expect(slots(`0 0 9 ${day} * ${weekday}`)).toEqual(union);
      }),
      RUNS,
    );
  });
});

const oddDays = fc.constantFrom('29', '30', '31', '31W', 'L-30', 'L-29', 'LW', '?');
const oddWeekdays = fc.constantFrom('?', '1#5', '0L', 'MON', '6#5');
const rareText = fc
  .tuple(
    fc.constantFrom('0 0 0', '0 30 2', '0 */30 2', '59 59 23', '* * *'),
    oddDays,
    fc.constantFrom('2', '2,4', '3', '6', '*'),
    oddWeekdays,
    fc.constantFrom('', ' 2096-2110', ' 2199', ' 1970', ' 2024/4'),
  )
  .map(([time, day, month, weekday, years]) => `${time} ${day} ${month} ${weekday}${years}`);
const rules = fc.constantFrom('default' as const, 'robfig' as const);

/** The schedule, or null where the text is refused with the one typed error. */
function planOrNull(text: string, options: Partial<ScheduleOptions>): ReturnType<typeof plan> | null {
  try {
    return plan(text, options);
  } catch (error) {
    expect(error).toBeInstanceOf(CronError);
    return null;
  }
}

describe('any text', () => {
  it('that is taken ends its search after a bounded stretch of the calendar', () => {
    const lookUps = jest.spyOn(Zone.prototype, 'segmentAt');
    fc.assert(
      fc.property(
        rareText,
        zones,
        fc.constantFrom(-1e14, 0, 1.7e12, 4e12, 1e14, 1e16),
        rules,
        (text, zone, at, dst) => {
          const schedule = planOrNull(text, { zone, dst });
          for (const search of [() => schedule?.next(at), () => schedule?.prev(at)]) {
            lookUps.mockClear();
            search();
            expect(lookUps.mock.calls.length).toBeLessThan(dst === 'default' ? 100 : 60_000);
          }
        },
      ),
      { ...RUNS, numRuns: 400 },
    );
    lookUps.mockRestore();
  });

  it('either parses or is refused with a position within it, and prints to a text of the same slots', () => {
    const junk = fc.string({
      unit: fc.constantFrom(...'0123456789*/,-?#LWHhSUNMON @=every.smTZ\t'),
      maxLength: 40,
    });
    const mutated = fc
      .tuple(
        fc.oneof(
          samples.map(({ text }) => text),
          rareText,
        ),
        junk,
        fc.nat(40),
        fc.nat(3),
      )
      .map(([text, extra, at, cut]) => text.slice(0, at) + extra.slice(0, 3) + text.slice(at + cut));
    const texts = fc.oneof(
      junk,
      mutated,
      fc.string(),
      samples.map(({ text }) => text),
      rareText,
    );
    fc.assert(
      fc.property(texts, zones, rules, instants, (text, zone, dst, after) => {
        const schedule = planOrNull(text, { zone, dst });
        if (!schedule) return;
        const printed = printSchedule(schedule);
        const again = plan(printed, { dst });
        expect(printSchedule(again)).toBe(printed);
        expect(slotsAfter(again, after, 3)).toEqual(slotsAfter(schedule, after, 3));
      }),
      { ...RUNS, numRuns: 2000 },
    );
  });

  it.each([
    ['ten thousand fields', '* '.repeat(10_000)],
    ['a million digits', '1'.repeat(1_000_000)],
    ['a million digits in a field', `${'1'.repeat(1_000_000)} * * * *`],
    ['a million commas', `${','.repeat(1_000_000)} * * * *`],
    ['a million hyphens', `1${'-'.repeat(1_000_000)} * * * *`],
    ['a million blanks', ' '.repeat(1_000_000)],
    ['a long duration', `@every ${'9'.repeat(1_000_000)}h`],
    ['a million units', `@every ${'1x'.repeat(500_000)}`],
    ['a long zone', `CRON_TZ=${'A'.repeat(1_000_000)} * * * * *`],
    ['a long hash', `* * * * ${'#'.repeat(1_000_000)}`],
  ])('of %s is refused', (_, text) => {
    expect(() => plan(text)).toThrow(CronError);
  });
});
