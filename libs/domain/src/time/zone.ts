import { DAY_S, EARLIEST_S, LATEST_S, dayNumber } from './civil.js';

/**
 * A stretch of real time with one offset. `from` is inclusive, `until` exclusive, both epoch seconds;
 * `offset` is local minus UTC in seconds. A stretch may end where its block of the table ends: the next
 * one then has the same offset.
 */
export interface Segment {
  readonly from: number;
  readonly until: number;
  readonly offset: number;
  /**
   * The wall time (seconds) before which all wall times had passed, or had been skipped, when the segment
   * began. Below `from + offset`: a gap lies between the two. Above: the wall times up to it are repeated.
   */
  readonly reached: number;
}

// Two transitions that cancel each other are never nearer than 6.9 days (all zones, 1970 to 2199).
const PROBE_S = 2 ** 19;
const BLOCK_S = 2 ** 23;
// A thousand years.
const MAX_BLOCKS = 4096;
const MAX_ZONES = 1024;

const FORMAT: Intl.DateTimeFormatOptions = {
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
};
const WALL = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/;

const ZONE_NAME = /^[A-Za-z][\w+\-/]{0,63}$/;
// Local dates before the year 1 print an era, which `WALL` does not read.
const PROBED_FROM_S = EARLIEST_S + 2 * DAY_S;

// By then only yearly rules are left in the zone data, and the calendar repeats, weekdays and all, every 400 years.
const CYCLE_FROM_S = dayNumber(2200, 1, 1) * DAY_S;
const CYCLE_S = 146_097 * DAY_S;

const shiftSegment = ({ from, until, offset, reached }: Segment, by: number): Segment => ({
  from: from + by,
  until: until + by,
  offset,
  reached: reached + by,
});

/** One time zone and what is known so far of its transitions; found with `Intl`, a block of 97 days at a time. */
export class Zone {
  private readonly format: Intl.DateTimeFormat;
  private readonly blocks = new Map<number, readonly Segment[]>();
  private last: Segment = { from: 0, until: 0, offset: 0, reached: 0 };

  /** @throws RangeError when the runtime's zone data has no such zone. */
  constructor(readonly name: string) {
    this.format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', { ...FORMAT, timeZone: name });
  }

  /** The segment that holds an epoch second. Years 0001–9999; beyond them the offset of the nearest is assumed. */
  segmentAt(second: number): Segment {
    const last = this.last;
    return second >= last.from && second < last.until ? last : (this.last = this.lookUp(second));
  }

  private lookUp(second: number): Segment {
    const shift = Math.max(Math.floor((second - CYCLE_FROM_S) / CYCLE_S), 0) * CYCLE_S;
    const segments = this.block(Math.floor((second - shift) / BLOCK_S));
    let i = segments.length - 1;
    while (i > 0 && segments[i]!.from > second - shift) i--;
    return shift === 0 ? segments[i]! : shiftSegment(segments[i]!, shift);
  }

  private block(index: number): readonly Segment[] {
    const known = this.blocks.get(index);
    if (known) return known;
    if (this.blocks.size >= MAX_BLOCKS) this.blocks.clear();
    const block = this.scan(index * BLOCK_S, (index + 1) * BLOCK_S);
    this.blocks.set(index, block);
    return block;
  }

  /** Looks back one probe before `start`, so that an hour repeated across it is known to be repeated. */
  private scan(start: number, end: number): Segment[] {
    const changes = this.changes(start - PROBE_S, end);
    const segments: Segment[] = [];
    let reached = -Infinity;
    changes.forEach(({ at, offset }, i) => {
      const from = Math.max(at, start);
      const until = changes[i + 1]?.at ?? end;
      if (until > start) {
        if (from > at || i === 0) reached = Math.max(reached, from + offset);
        segments.push({ from, until, offset, reached });
      }
      reached = Math.max(reached, until + offset);
    });
    return segments;
  }

  /** The offset at `start`, then each change of it up to `end`. */
  private changes(start: number, end: number): { at: number; offset: number }[] {
    const changes = [{ at: start, offset: this.offsetAt(start) }];
    for (let probe = start; probe < end;) {
      const upTo = Math.min(probe + PROBE_S, end);
      const { offset } = changes.at(-1)!;
      if (this.offsetAt(upTo) === offset) probe = upTo;
      else changes.push({ at: (probe = this.findChange(probe, upTo, offset)), offset: this.offsetAt(probe) });
    }
    return changes.at(-1)!.at === end ? changes.slice(0, -1) : changes;
  }

  private findChange(same: number, other: number, offset: number): number {
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (this.offsetAt(middle) === offset) same = middle;
      else other = middle;
    }
    return other;
  }

  private offsetAt(second: number): number {
    const probed = Math.min(Math.max(second, PROBED_FROM_S), LATEST_S - 2 * DAY_S);
    const [, month, day, year, hour, minute, rest] = WALL.exec(this.format.format(probed * 1000))!.map(
      Number,
    );
    return dayNumber(year!, month!, day!) * DAY_S + hour! * 3600 + minute! * 60 + rest! - probed;
  }
}

const zones = new Map<string, Zone>();

/** The shared table of a zone, or null when there is no such zone. At most 1 024 are kept, the oldest goes first. */
export function findZone(name: string): Zone | null {
  const known = zones.get(name);
  if (known) return known;
  if (!ZONE_NAME.test(name)) return null;
  try {
    const zone = new Zone(name);
    if (zones.size >= MAX_ZONES) zones.delete(zones.keys().next().value!);
    zones.set(name, zone);
    return zone;
  } catch {
    return null;
  }
}

/** Whether the runtime's zone data knows this IANA name (any case; a bare offset such as `+08:00` is not a name). */
export const isZone = (name: string): boolean => findZone(name) !== null;
