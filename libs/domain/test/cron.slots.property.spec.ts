import fc from 'fast-check';
import { NIGHTS, instants, plan, slotsAfter, slotsBetween, wallClock, zones } from './support/clocks.js';
import {
  dailySamples,
  fixedSamples,
  isFixed,
  matchesWall,
  samples,
  type Sample,
} from './support/expressions.js';

const DAY_MS = 86_400_000;
const RUNS = { seed: 20_251_109, numRuns: 300 };
const rules = fc.constantFrom('default' as const, 'robfig' as const);

describe('a slot', () => {
  it('is strictly later than the instant asked from, and a whole second', () => {
    fc.assert(
      fc.property(samples, zones, instants, rules, ({ text }, zone, after, dst) => {
        const schedule = plan(text, { zone, dst });
        const slots = slotsAfter(schedule, after, 3);
        expect(slots.map((slot) => slot % 1000)).toEqual(slots.map(() => 0));
        expect([after, ...slots]).toEqual([...new Set([after, ...slots])].sort((a, b) => a - b));
      }),
      RUNS,
    );
  });

  it('is the same in a list as asked for alone, forwards and backwards', () => {
    fc.assert(
      fc.property(samples, zones, instants, ({ text }, zone, after) => {
        const slots = slotsAfter(plan(text, { zone }), after, 20);
        const alone = slots.map((_, i) => plan(text, { zone }).next(slots[i - 1] ?? after));
        expect(alone).toEqual(slots);
        const before = slots.slice(1).map((slot) => plan(text, { zone }).prev(slot));
        expect(before).toEqual(slots.slice(0, -1));
      }),
      { ...RUNS, numRuns: 150 },
    );
  });

  it('never comes sooner when asked from later', () => {
    fc.assert(
      fc.property(
        samples,
        zones,
        instants,
        fc.integer({ min: 0, max: 7_200_000 }),
        ({ text }, zone, a, more) => {
          const schedule = plan(text, { zone });
          expect(schedule.next(a)!).toBeLessThanOrEqual(schedule.next(a + more)!);
          expect(schedule.prev(a)!).toBeLessThanOrEqual(schedule.prev(a + more)!);
        },
      ),
      RUNS,
    );
  });

  it('does not depend on where in the pause before it one asks', () => {
    fc.assert(
      fc.property(
        samples,
        zones,
        instants,
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ text }, zone, after, share) => {
          const schedule = plan(text, { zone });
          const slot = schedule.next(after)!;
          const between = Math.min(after + Math.floor((slot - after) * share), slot - 1);
          expect([between, slot - 1].map((x) => schedule.next(x))).toEqual([slot, slot]);
          expect(schedule.next(schedule.prev(slot)!)).toBe(slot);
        },
      ),
      RUNS,
    );
  });

  it('shows a matching wall time, or is the end of a gap', () => {
    fc.assert(
      fc.property(samples, zones, instants, (sample, zone, after) => {
        for (const slot of slotsAfter(plan(sample.text, { zone }), after, 5).map((ms) => ms / 1000)) {
          const wall = wallClock(slot, zone);
          const justGrown = wall - wallClock(slot - 1, zone) > 1;
          expect(matchesWall(sample, wall) || (isFixed(sample) && justGrown)).toBe(true);
        }
      }),
      RUNS,
    );
  });
});

/** Each second of three days around a night and what the clock shows; read each minute, as offsets change on minutes. */
function walkNight(zone: string, middle: string): { second: number; wall: number }[] {
  const start = Date.parse(middle) / 1000 - 129_600;
  const minutes = Array.from({ length: 4320 }, (_, i) => start + i * 60);
  return minutes.flatMap((minute) => {
    const wall = wallClock(minute, zone);
    return Array.from({ length: 60 }, (_, i) => ({ second: minute + i, wall: wall + i }));
  });
}

/** Real time: each second whose wall time matches. Fixed: for each matching wall time the first second that reaches it. */
function expectedSlots(sample: Sample, walk: { second: number; wall: number }[]): number[] {
  if (!isFixed(sample))
    return walk.filter(({ wall }) => matchesWall(sample, wall)).map(({ second }) => second * 1000);
  const slots = new Set<number>();
  let reached = walk[0]!.wall;
  for (const { second, wall } of walk) {
    for (; reached <= wall; reached++) if (matchesWall(sample, reached)) slots.add(second * 1000);
  }
  return [...slots];
}

describe('the slots of a night of transition', () => {
  const walks = NIGHTS.map(([zone, middle]) => ({ zone, walk: walkNight(zone, middle) }));

  it('are those that a walk through real time, second by second, finds', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...walks),
        fc.oneof(dailySamples, fixedSamples),
        ({ zone, walk }, sample) => {
          const schedule = plan(sample.text, { zone });
          const [first, last] = [walk[0]!.second * 1000, walk.at(-1)!.second * 1000];
          expect(slotsBetween(schedule, first - 1, last)).toEqual(expectedSlots(sample, walk));
        },
      ),
      { ...RUNS, numRuns: 60 },
    );
  });

  it('of a pace are equally far apart in real time', () => {
    fc.assert(
      fc.property(fc.constantFrom(...walks), fc.constantFrom(1, 3, 5, 15), ({ zone, walk }, minutes) => {
        const schedule = plan(`0 */${minutes} * * * *`, { zone });
        const slots = slotsBetween(schedule, walk[0]!.second * 1000, walk.at(-1)!.second * 1000);
        const distances = new Set(slots.slice(1).map((slot, i) => slot - slots[i]!));
        expect([...distances]).toEqual([minutes * 60_000]);
      }),
      { ...RUNS, numRuns: 50 },
    );
  });
});

describe('a fixed time', () => {
  it('never fires twice for one wall time', () => {
    fc.assert(
      fc.property(fixedSamples, zones, instants, ({ text }, zone, after) => {
        const slots = slotsAfter(plan(text, { zone }), after, 40);
        const walls = slots.map((slot) => wallClock(slot / 1000, zone));
        expect(new Set(walls).size).toBe(slots.length);
        expect(walls).toEqual([...walls].sort((a, b) => a - b));
      }),
      RUNS,
    );
  });

  it('fires once for each date from 2008 to 2040, in every zone', () => {
    const days = (Date.UTC(2041, 0) - Date.UTC(2008, 0)) / DAY_MS;
    const counts = Intl.supportedValuesOf('timeZone').map((zone) => {
      const schedule = plan('0 30 2 * * *', { zone });
      let count = 0;
      const end =
        Date.UTC(2041, 0, 1, 2, 30) - (wallClock(Date.UTC(2041, 0) / 1000, zone) * 1000 - Date.UTC(2041, 0));
      const start =
        Date.UTC(2008, 0, 1, 2, 30) - (wallClock(Date.UTC(2008, 0) / 1000, zone) * 1000 - Date.UTC(2008, 0));
      for (let slot = schedule.next(start - 1)!; slot < end; slot = schedule.next(slot)!) count++;
      return `${zone} ${count}`;
    });
    expect(counts).toEqual(Intl.supportedValuesOf('timeZone').map((zone) => `${zone} ${days}`));
  });
});
