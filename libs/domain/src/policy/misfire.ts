import { type Schedule } from '../cron/schedule.js';
import { type Reason } from '../execution/execution.js';
import { type Policy } from './policy.js';

/** One row that is the fate, or the beginning, of a slot or of a range of slots. */
export type PlannedRow =
  /** To be run. `misfireAt`: first seen due after this instant it is misfired; null: that has been judged. */
  | { kind: 'waiting'; slotAt: number; misfireAt: number | null; reason: Reason }
  /** Never run: `slotAt` to `slotTo` inclusive; `count` null: too many to count here, filled in later. */
  | { kind: 'missed'; slotAt: number; slotTo: number; count: number | null; reason: Reason };

export interface SlotPlan {
  rows: PlannedRow[];
  /** The first slot without a row, null: there is none. */
  nextSlotAt: number | null;
}

/** Rows for slots that are in time; what is beyond stays due and is taken by the next claim. */
const MAX_SLOTS_PER_CLAIM = 100;
/** Slots of one job that have come due and still run, however long their grace: of more the older ones are misfired. */
const MAX_DUE_IN_GRACE = 1_000;
/** A longer range is counted off the hot path. */
const MAX_COUNTED_AT_ONCE = 64;

/**
 * What becomes of a job's slots from `nextSlotAt` up to `until`: those later than their grace are judged by the
 * misfire policy (the latest one runs if it lies within the window, the rest is one `missed` range), the others
 * wait for their time.
 */
export function planSlots(
  schedule: Schedule,
  nextSlotAt: number,
  time: { now: number; until: number },
  misfire: Policy['misfire'],
): SlotPlan {
  const rows: PlannedRow[] = [];
  const lateBefore = findLateBefore(schedule, nextSlotAt, time.now, misfire.graceMs);
  let next: number | null = nextSlotAt;
  const latest = nextSlotAt < lateBefore ? schedule.prev(lateBefore) : null;
  if (latest !== null && latest >= nextSlotAt) {
    rows.push(...planMisfired(schedule, nextSlotAt, latest, latest >= time.now - misfire.windowMs));
    next = schedule.next(latest);
  }
  for (let n = 0; next !== null && next <= time.until && n < MAX_SLOTS_PER_CLAIM; n++) {
    rows.push({ kind: 'waiting', slotAt: next, misfireAt: next + misfire.graceMs, reason: '' });
    next = schedule.next(next);
  }
  return { rows, nextSlotAt: next };
}

/** Slots before this instant are misfired. */
function findLateBefore(schedule: Schedule, nextSlotAt: number, now: number, graceMs: number): number {
  const byGrace = now - graceMs;
  const first = nextSlotAt >= byGrace ? nextSlotAt : schedule.next(byGrace - 1);
  if (first === null || countSlots(schedule, first, now, MAX_DUE_IN_GRACE).at === null) return byGrace;
  let oldest = now + 1;
  for (let n = 0; n < MAX_DUE_IN_GRACE; n++) oldest = schedule.prev(oldest) ?? oldest;
  return oldest;
}

function planMisfired(schedule: Schedule, first: number, latest: number, runsLatest: boolean): PlannedRow[] {
  const last = runsLatest ? schedule.prev(latest) : latest;
  const rows: PlannedRow[] = [];
  if (last !== null && last >= first) rows.push(missedRange(schedule, first, last, 'misfire'));
  if (runsLatest) rows.push({ kind: 'waiting', slotAt: latest, misfireAt: null, reason: 'misfire' });
  return rows;
}

/** One row for all slots from `first` to `last`, both of which are slots. */
export function missedRange(schedule: Schedule, first: number, last: number, reason: Reason): PlannedRow {
  const { count, at } = countSlots(schedule, first, last, MAX_COUNTED_AT_ONCE);
  return { kind: 'missed', slotAt: first, slotTo: last, count: at === null ? count : null, reason };
}

/**
 * What a job's slots that have come due become when it is disabled or deleted before they were claimed.
 * No slot is due: no row.
 */
export function settleUnclaimed(
  schedule: Schedule,
  nextSlotAt: number,
  now: number,
  reason: Reason,
): PlannedRow[] {
  if (nextSlotAt > now) return [];
  const last = schedule.prev(now + 1);
  return last === null || last < nextSlotAt ? [] : [missedRange(schedule, nextSlotAt, last, reason)];
}

/**
 * Counts the slots of a range, at most `budget` of them in one call.
 * @returns the count so far, and the slot to go on from (null: all counted)
 */
export function countSlots(
  schedule: Schedule,
  from: number,
  last: number,
  budget: number,
): { count: number; at: number | null } {
  let at: number | null = from;
  let count = 0;
  for (; at !== null && at <= last && count < budget; count++) at = schedule.next(at);
  return { count, at: at !== null && at <= last ? at : null };
}

/**
 * A waiting row that is first seen due later than its grace: it runs only where it is the latest misfired slot
 * and lies within the window.
 */
export function runsLate(
  schedule: Schedule,
  slotAt: number,
  now: number,
  misfire: Policy['misfire'],
): boolean {
  return slotAt >= now - misfire.windowMs && schedule.prev(now - misfire.graceMs) === slotAt;
}
