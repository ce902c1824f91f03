import { DAY_S, EARLIEST_S, LATEST_S } from '../time/civil.js';
import type { Segment, Zone } from '../time/zone.js';
import type { Schedule, SlotKind } from './schedule.js';
import type { CronSpec } from './spec.js';
import { FIRST_DAY, LAST_DAY, NEVER, nextWall, prevWall } from './wall-search.js';

const { ceil, floor, max, min } = Math;

// Wall clocks never differ by more than 26 hours; farther than this from any transition the order of wall times holds.
const CLEAR_S = 2 * DAY_S;

/** Segments that a search may pass. A pattern whose every time falls into a gap, year after year, ends here with null. */
const MOST_SEGMENTS = 96;

/**
 * A cron expression in a zone. Wall times are searched within one segment of constant offset at a time, so that the
 * rules for the nights of transition are all in `next` and `prev`:
 * - schedules that follow real time fire at every instant whose wall time matches;
 * - fixed times (default rule) fire at the first instant at which the wall clock has reached them: the end of the gap
 *   for the skipped ones, the first pass for the repeated ones.
 */
export class CronSchedule implements Schedule {
  readonly kind = 'cron';

  constructor(
    readonly text: string,
    private readonly table: Zone,
    readonly spec: CronSpec,
    /** Fire skipped times late and repeated ones once; else follow real time. */
    private readonly fixedTime: boolean,
  ) {}

  get zone(): string {
    return this.table.name;
  }

  next(afterMs: number): number | null {
    let at = max(floor(afterMs / 1000) + 1, EARLIEST_S);
    if (!(at <= LATEST_S)) return null;
    for (let passed = 0; passed < MOST_SEGMENTS; passed++) {
      const segment = this.table.segmentAt(at);
      const wall = nextWall(this.spec, this.unfiredWall(segment, at), LAST_DAY);
      const found = max(wall - segment.offset, at);
      if (found < segment.until) return found * 1000;
      if (min(found, segment.until) - at <= CLEAR_S) at = segment.until;
      else if (wall === NEVER) return null;
      else at = found - CLEAR_S;
    }
    return null;
  }

  prev(beforeMs: number): number | null {
    let at = min(ceil(beforeMs / 1000) - 1, LATEST_S);
    if (!(at >= EARLIEST_S)) return null;
    for (let passed = 0; passed < MOST_SEGMENTS; passed++) {
      const segment = this.table.segmentAt(at);
      const wall = prevWall(this.spec, at + segment.offset, FIRST_DAY);
      const found = max(wall - segment.offset, segment.from);
      if (wall >= this.unfiredWall(segment, segment.from)) return found * 1000;
      if (at - found <= CLEAR_S) at = segment.from - 1;
      else if (wall === -NEVER) return null;
      else at = wall - segment.offset + CLEAR_S;
    }
    return null;
  }

  /** See `slotKind`. */
  slotKind(slotMs: number): SlotKind | null {
    const slot = floor(slotMs / 1000);
    const segment = this.table.segmentAt(slot);
    const wall = slot + segment.offset;
    if (slot === segment.from && nextWall(this.spec, this.unfiredWall(segment, slot), LAST_DAY) < wall)
      return 'dst_gap';
    return wall < segment.reached || this.comesAgain(segment, wall) ? 'dst_overlap' : null;
  }

  /** The first wall time that has not had its slot when a segment has come to `at`. */
  private unfiredWall({ from, offset, reached }: Segment, at: number): number {
    if (!this.fixedTime) return at + offset;
    return at === from ? reached : max(at + offset, reached);
  }

  private comesAgain(segment: Segment, wall: number): boolean {
    const horizon = wall - segment.offset + CLEAR_S;
    for (let later = segment; later.until < horizon;) {
      later = this.table.segmentAt(later.until);
      if (later.from + later.offset <= wall) return true;
    }
    return false;
  }
}
