import fc from 'fast-check';
import { parseSchedule } from '../cron/index.js';
import { type Schedule } from '../cron/schedule.js';
import { countSlots, missedRange, type PlannedRow, planSlots, runsLate, settleUnclaimed } from './misfire.js';
import { type Policy } from './policy.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** A whole hour, so that every schedule here has a slot at it. */
const NOON = Date.UTC(2026, 10, 24, 12);
const MISFIRE: Policy['misfire'] = { policy: 'latest', graceMs: MINUTE_MS, windowMs: HOUR_MS, max: 10 };

const plan = (text: string): Schedule =>
  parseSchedule(text, { zone: 'UTC', dst: 'default', hashKey: '', anchorMs: null });
const everyMinute = plan('0 * * * * *');
const hourly = plan('0 0 * * * *');
const everySecond = plan('* * * * * *');

const claim = (schedule: Schedule, nextSlotAt: number, now: number, misfire = MISFIRE) =>
  planSlots(schedule, nextSlotAt, { now, until: now + 5_500 }, misfire);
const inTime = (slotAt: number): PlannedRow => ({
  kind: 'waiting',
  slotAt,
  misfireAt: slotAt + MINUTE_MS,
  reason: '',
});
const late = (slotAt: number): PlannedRow => ({
  kind: 'waiting',
  slotAt,
  misfireAt: null,
  reason: 'misfire',
});
const missed = (slotAt: number, slotTo: number, count: number | null): PlannedRow => ({
  kind: 'missed',
  slotAt,
  slotTo,
  count,
  reason: 'misfire',
});

describe('a claim in time', () => {
  it('makes a row of each slot inside the horizon and goes on behind it', () => {
    expect(claim(everySecond, NOON + 4_000, NOON)).toEqual({
      rows: [inTime(NOON + 4_000), inTime(NOON + 5_000)],
      nextSlotAt: NOON + 6_000,
    });
  });

  it('makes none while the next slot lies beyond the horizon', () => {
    expect(claim(everyMinute, NOON + MINUTE_MS, NOON)).toEqual({ rows: [], nextSlotAt: NOON + MINUTE_MS });
  });

  it('ends with the last slot of a schedule', () => {
    const once = parseSchedule('2026-11-24T12:00:00Z', {
      zone: 'UTC',
      dst: 'default',
      hashKey: '',
      anchorMs: null,
      allowInstant: true,
    });
    expect(claim(once, NOON, NOON)).toEqual({ rows: [inTime(NOON)], nextSlotAt: null });
  });

  it('takes a hundred slots at most and leaves the rest to the next claim', () => {
    const { rows, nextSlotAt } = planSlots(everySecond, NOON, { now: NOON, until: NOON + HOUR_MS }, MISFIRE);
    expect([rows.length, nextSlotAt]).toEqual([100, NOON + 100_000]);
  });
});

describe('a slot that is found late', () => {
  it('runs like any other as long as its grace lasts, to the millisecond', () => {
    const now = NOON + MINUTE_MS;
    expect(claim(hourly, NOON, now).rows).toEqual([inTime(NOON)]);
    expect(claim(hourly, NOON, now + 1).rows).toEqual([late(NOON)]);
  });

  it('is misfired in spite of its grace where a thousand later ones are due', () => {
    const [day, now] = [24 * HOUR_MS, NOON + 2 * HOUR_MS];
    const misfire = { ...MISFIRE, graceMs: day, windowMs: day };
    const oldest = now - 999_000;
    const { rows, nextSlotAt } = claim(everySecond, NOON, now, misfire);
    expect(rows.slice(0, 2)).toEqual([missed(NOON, oldest - 2_000, null), late(oldest - 1_000)]);
    expect(rows.slice(2).map((row) => row.slotAt)).toEqual(
      Array.from({ length: 100 }, (_, n) => oldest + n * 1_000),
    );
    const more = claim(everySecond, nextSlotAt ?? 0, now, misfire);
    expect(more.rows.map((row) => row.slotAt)).toEqual(
      Array.from({ length: 100 }, (_, n) => oldest + 100_000 + n * 1_000),
    );
    expect(claim(everySecond, oldest, now, misfire).rows[0]).toMatchObject({ kind: 'waiting', reason: '' });
  });

  it('still runs as the latest one inside the window, and is marked as judged', () => {
    expect(claim(hourly, NOON, NOON + 30 * MINUTE_MS)).toEqual({
      rows: [late(NOON)],
      nextSlotAt: NOON + HOUR_MS,
    });
  });

  it('is missed once it lies outside the window', () => {
    const daily = plan('0 0 12 * * *');
    expect(claim(daily, NOON, NOON + HOUR_MS).rows).toEqual([late(NOON)]);
    expect(claim(daily, NOON, NOON + HOUR_MS + 1).rows).toEqual([missed(NOON, NOON, 1)]);
  });

  it('leaves those before it one missed row with their count', () => {
    const now = NOON + 10 * MINUTE_MS + 30_000;
    expect(claim(everyMinute, NOON, now)).toEqual({
      rows: [
        missed(NOON, NOON + 8 * MINUTE_MS, 9),
        late(NOON + 9 * MINUTE_MS),
        inTime(NOON + 10 * MINUTE_MS),
      ],
      nextSlotAt: NOON + 11 * MINUTE_MS,
    });
  });

  it('leaves a long range to be counted later', () => {
    const { rows } = claim(everySecond, NOON, NOON + HOUR_MS);
    expect(rows[0]).toEqual(missed(NOON, NOON + HOUR_MS - MINUTE_MS - 2_000, null));
    expect(rows[1]).toEqual(late(NOON + HOUR_MS - MINUTE_MS - 1_000));
  });
});

describe('no slot is without a fate', () => {
  const periods = fc.constantFrom(
    { schedule: everySecond, periodMs: 1_000 },
    { schedule: plan('*/5 * * * * *'), periodMs: 5_000 },
    { schedule: everyMinute, periodMs: MINUTE_MS },
    { schedule: hourly, periodMs: HOUR_MS },
  );
  const misfires = fc.record({
    policy: fc.constant('latest' as const),
    graceMs: fc.nat(90_000),
    windowMs: fc.nat(2 * HOUR_MS),
    max: fc.constant(10),
  });

  it('and none has two: the rows cover every slot once, in order, up to the next one', () => {
    fc.assert(
      fc.property(
        periods,
        misfires,
        fc.nat(5 * HOUR_MS),
        fc.nat(10_000),
        (every, misfire, behindMs, aheadMs) => {
          const { schedule, periodMs } = every;
          const until = NOON + behindMs + aheadMs;
          const { rows, nextSlotAt } = planSlots(schedule, NOON, { now: NOON + behindMs, until }, misfire);
          let expected = NOON;
          for (const row of rows) {
            expect(row.slotAt).toBe(expected);
            const last = row.kind === 'missed' ? row.slotTo : row.slotAt;
            const count = (last - row.slotAt) / periodMs + 1;
            if (row.kind === 'missed') expect(row.count).toBe(count > 64 ? null : count);
            expected += count * periodMs;
          }
          expect(nextSlotAt).toBe(expected);
          if (expected <= until) expect(rows.filter((row) => row.reason === '')).toHaveLength(100);
        },
      ),
      { seed: 20_261_126, numRuns: 300 },
    );
  });

  it('and at most one late one runs, the latest, and only inside the window', () => {
    fc.assert(
      fc.property(periods, misfires, fc.nat(5 * HOUR_MS), ({ schedule, periodMs }, misfire, behindMs) => {
        const now = NOON + behindMs;
        const { rows } = planSlots(schedule, NOON, { now, until: now }, misfire);
        const lastLate = Math.ceil((now - misfire.graceMs) / periodMs - 1) * periodMs;
        const runs = lastLate >= NOON && lastLate >= now - misfire.windowMs;
        const judged = rows.filter((row) => row.kind === 'waiting' && row.reason === 'misfire');
        expect(judged).toEqual(runs ? [late(lastLate)] : []);
      }),
      { seed: 20_261_127, numRuns: 300 },
    );
  });
});

describe('a waiting row that is first seen late', () => {
  const now = NOON + 10 * MINUTE_MS + 30_000;

  it('runs where it is the latest late slot', () => {
    expect(runsLate(everyMinute, NOON + 9 * MINUTE_MS, now, MISFIRE)).toBe(true);
  });

  it('does not run where a later one is late as well', () => {
    expect(runsLate(everyMinute, NOON + 8 * MINUTE_MS, now, MISFIRE)).toBe(false);
  });

  it('does not run outside the window', () => {
    const narrow = { ...MISFIRE, windowMs: MINUTE_MS };
    expect(runsLate(everyMinute, NOON + 9 * MINUTE_MS, now, narrow)).toBe(false);
  });
});

describe('slots that are due and unclaimed when their job stops', () => {
  it('become one missed range, up to and including now', () => {
    expect(settleUnclaimed(everyMinute, NOON, NOON + 2 * MINUTE_MS, 'job disabled')).toEqual([
      { kind: 'missed', slotAt: NOON, slotTo: NOON + 2 * MINUTE_MS, count: 3, reason: 'job disabled' },
    ]);
  });

  it('leave no row where none is due', () => {
    expect(settleUnclaimed(everyMinute, NOON + MINUTE_MS, NOON, 'job deleted')).toEqual([]);
  });
});

describe('counting the slots of a range', () => {
  it('counts both ends', () => {
    expect(countSlots(everyMinute, NOON, NOON + 2 * MINUTE_MS, 100)).toEqual({ count: 3, at: null });
  });

  it('stops at its budget and says where to go on', () => {
    expect(countSlots(everyMinute, NOON, NOON + HOUR_MS, 10)).toEqual({
      count: 10,
      at: NOON + 10 * MINUTE_MS,
    });
  });

  it('comes to the same sum in steps of any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(200), (budget, slots) => {
        let total = 0;
        let at: number | null = NOON;
        while (at !== null) {
          const step = countSlots(everyMinute, at, NOON + slots * MINUTE_MS, budget);
          total += step.count;
          at = step.at;
        }
        expect(total).toBe(slots + 1);
      }),
      { seed: 20_261_128, numRuns: 100 },
    );
  });

  it('is left for later where a range holds more than 64', () => {
    const rangeOf = (slots: number) =>
      missedRange(everyMinute, NOON, NOON + (slots - 1) * MINUTE_MS, 'misfire');
    expect([rangeOf(64), rangeOf(65)]).toMatchObject([{ count: 64 }, { count: null }]);
  });
});
