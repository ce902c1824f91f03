import { printSchedule, slotKind } from '../src/cron/index.js';
import { formatInstant, parseInstant } from '../src/time/index.js';
import { plan, slotsAfter, slotsBetween } from './support/clocks.js';

const at = (text: string): number => parseInstant(text)!;
const ANCHOR = at('2025-01-01T00:00:07.900Z');

describe('@every of a stored job', () => {
  const schedule = plan('@every 1h30m', { anchorMs: ANCHOR });

  it('fires a step after the whole second of its anchor, and on', () => {
    expect(slotsAfter(schedule, ANCHOR, 2)).toEqual([at('2025-01-01T01:30:07Z'), at('2025-01-01T03:00:07Z')]);
    expect(schedule.kind).toBe('every');
  });

  it('keeps its beat wherever one asks from, forwards and backwards', () => {
    const slot = at('2025-06-01T00:00:07Z');
    expect([
      schedule.next(slot - 1),
      schedule.next(slot),
      schedule.prev(slot),
      schedule.prev(slot + 1),
    ]).toEqual([slot, slot + 5_400_000, slot - 5_400_000, slot]);
  });

  it('has its first slot after the anchor, asked from long before', () => {
    expect(schedule.next(0)).toBe(at('2025-01-01T01:30:07Z'));
    expect(schedule.prev(at('2025-01-01T01:30:07Z'))).toBeNull();
  });

  it('ends with the year 9999', () => {
    expect(schedule.next(8.6e15)).toBeNull();
    expect(schedule.prev(8.6e15)).toBe(schedule.prev(at('9999-12-31T23:59:59.999Z')));
    expect(plan('@every 2562047h').next(at('9900-01-01T00:00:00Z'))).toBeNull();
  });
});

describe('@every without an anchor', () => {
  it('is a step on from the whole second of where one asks, and a step back', () => {
    const schedule = plan('@every 10s');
    expect(schedule.next(1_500)).toBe(11_000);
    expect(schedule.prev(11_000)).toBe(1_000);
  });
});

describe('a schedule of one instant', () => {
  const text = '2026-03-01T09:00:00.250+08:00';
  const instant = at('2026-03-01T01:00:00.250Z');
  const schedule = plan(text, { allowInstant: true });

  it('has that slot alone', () => {
    expect(schedule.kind).toBe('once');
    expect([schedule.next(instant - 1), schedule.next(instant)]).toEqual([instant, null]);
    expect([schedule.prev(instant), schedule.prev(instant + 1)]).toEqual([null, instant]);
    expect(printSchedule(schedule)).toBe('2026-03-01T01:00:00.250Z');
  });

  it('is taken only where it is allowed', () => {
    expect(() => plan(text)).toThrow('must have 5, 6 or 7 fields');
  });
});

describe('a window', () => {
  const beginAt = at('2025-01-02T00:00:00Z');
  const endAt = at('2025-01-04T00:00:00Z');

  it.each([
    ['@daily', 'cron'],
    ['@every 24h', 'every'],
  ])('keeps the slots of %s from its begin to its end, both included', (text, kind) => {
    const schedule = plan(text, { beginAt, endAt, anchorMs: at('2024-12-01T00:00:00Z') });
    expect(schedule).toMatchObject({ text, kind, zone: 'UTC' });
    expect(slotsAfter(schedule, 0, 9)).toEqual([beginAt, beginAt + 86_400_000, endAt]);
    expect([schedule.prev(endAt + 1e12), schedule.prev(beginAt)]).toEqual([endAt, null]);
  });

  it('may be open at either side', () => {
    expect(plan('@daily', { beginAt }).next(0)).toBe(beginAt);
    expect(plan('@daily', { endAt, beginAt: null }).next(endAt)).toBeNull();
  });
});

describe('what happened to a slot', () => {
  const kinds = (
    text: string,
    zone: string,
    from: string,
    to: string,
    dst: 'default' | 'robfig' = 'default',
  ): string[] => {
    const schedule = plan(text, { zone, dst, beginAt: 0 });
    const slots = slotsBetween(schedule, at(from) - 1, at(to));
    return slots.map((slot) => `${formatInstant(slot, zone).slice(11, 16)} ${slotKind(schedule, slot)}`);
  };
  const spring = ['America/New_York', '2025-03-09T01:00:00-05:00', '2025-03-09T04:00:00-04:00'] as const;
  const autumn = ['America/New_York', '2025-11-02T00:30:00-04:00', '2025-11-02T02:30:00-05:00'] as const;

  it('is dst_gap where a skipped time was moved to the end of the gap', () => {
    expect(kinds('0 30 1-3 * * *', ...spring)).toEqual(['01:30 null', '03:00 dst_gap', '03:30 null']);
    expect(kinds('0 0 3 * * *', ...spring)).toEqual(['03:00 null']);
    expect(kinds('0 */30 1-3 * * *', ...spring)).toEqual([
      '01:00 null',
      '01:30 null',
      '03:00 null',
      '03:30 null',
    ]);
  });

  it('is dst_overlap where the clocks show the time twice', () => {
    expect(kinds('0 30 0-2 * * *', ...autumn)).toEqual(['00:30 null', '01:30 dst_overlap', '02:30 null']);
    expect(kinds('0 30 * * * *', ...autumn)).toEqual([
      '00:30 null',
      '01:30 dst_overlap',
      '01:30 dst_overlap',
      '02:30 null',
    ]);
  });

  it('is told of a robfig schedule, whose skipped times have no slot', () => {
    expect(kinds('0 30 1-3 * * *', ...spring, 'robfig')).toEqual(['01:30 null', '03:30 null']);
    expect(kinds('0 30 1 * * *', ...autumn, 'robfig')).toEqual(['01:30 dst_overlap', '01:30 dst_overlap']);
  });

  it('is nothing for other kinds of schedule', () => {
    expect(
      slotKind(plan('@every 1h', { zone: 'America/New_York' }), at('2025-11-02T01:30:00-04:00')),
    ).toBeNull();
  });
});

describe('a schedule of the robfig rule', () => {
  it('goes back over the slots that it came by', () => {
    const schedule = plan('0 15,45 2 * * *', { zone: 'Australia/Lord_Howe', dst: 'robfig' });
    const slots = slotsAfter(schedule, at('2025-04-01T00:00:00Z'), 400);
    expect(slots.slice(1).map((slot) => schedule.prev(slot))).toEqual(slots.slice(0, -1));
  });

  it('looks five years ahead and back, no farther', () => {
    const schedule = plan('0 0 0 29 2 *', { dst: 'robfig' });
    const leapDay = at('2096-02-29T00:00:00Z');
    expect([schedule.next(leapDay), schedule.prev(leapDay)]).toEqual([null, at('2092-02-29T00:00:00Z')]);
    expect(schedule.prev(at('2103-12-31T00:00:00Z'))).toBeNull();
  });

  it('ends a search that the original never ends, with the next match', () => {
    const schedule = plan('0 0 9 * * FRI', { zone: 'Pacific/Apia', dst: 'robfig' });
    expect(schedule.next(at('2011-12-29T12:00:00-10:00'))).toBe(at('2012-01-06T09:00:00+14:00'));
  });

  it('does not go backwards where the original does', () => {
    const schedule = plan('0 */20 3 * * *', { zone: 'Pacific/Chatham', dst: 'robfig' });
    expect(schedule.next(at('2025-04-06T02:54:14+12:45'))).toBe(at('2025-04-06T03:00:00+12:45'));
  });

  it('never fires where the original takes what never fires', () => {
    for (const text of ['0 0 0 30 2 *', '0 , * * * *', '0 0 0 , * *']) {
      const schedule = plan(text, { dst: 'robfig' });
      expect([schedule.next(1.7e12), schedule.prev(1.7e12)]).toEqual([null, null]);
    }
  });
});

describe('a search', () => {
  it('gives up on a pace whose every time falls into a gap', () => {
    const schedule = plan('0 */30 2 ? 3 0#2', { zone: 'America/New_York' });
    expect(schedule.next(at('2025-01-01T00:00:00Z'))).toBeNull();
    expect(schedule.prev(at('2025-01-01T00:00:00Z'))).toBe(at('2006-03-12T02:30:00-05:00'));
  });

  it('sees the second pass of a repeated hour after which nothing else comes', () => {
    const schedule = plan('0 */30 1 2 11 ? 2025', { zone: 'America/New_York' });
    const slots = slotsAfter(schedule, at('2025-01-01T00:00:00Z'), 9).map((slot) =>
      formatInstant(slot, 'UTC').slice(11, 16),
    );
    expect(slots).toEqual(['05:00', '05:30', '06:00', '06:30']);
  });

  it('answers null beyond the years 1 to 9999, and for what is no instant', () => {
    const schedule = plan('@daily', { zone: 'Asia/Tokyo' });
    expect([Infinity, NaN, 1e16].map((ms) => schedule.next(ms))).toEqual([null, null, null]);
    expect([-Infinity, NaN, -1e16].map((ms) => schedule.prev(ms))).toEqual([null, null, null]);
    expect(schedule.next(at('9999-12-30T00:00:00Z'))).toBe(at('9999-12-30T15:00:00Z'));
  });
});
