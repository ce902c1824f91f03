import { type Execution } from '@ecron/domain';
import { nextIn, type Stretch } from './enumerate-slots.js';
import { type Fate, fateOfRow, fateWithoutRow, type Horizon, type SlotFate } from './slot-fate.js';

interface Planned {
  slotAt: number;
  zone: string;
}

/**
 * Every slot of the stretches and every row, oldest first: a slot that has a row, or lies in the range of one,
 * shows as that row. Lazy, so a caller that wants few of many slots pays for few.
 */
export function* mergeSlots(
  stretches: readonly Stretch[],
  rows: readonly Execution[],
  horizon: Horizon,
  zone: string,
): Generator<SlotFate> {
  const pending = [...rows];
  let covered = -Infinity;
  for (;;) {
    const slot = firstSlotAfter(stretches, covered);
    const row = pending[0];
    if (row !== undefined && (slot === null || startOf(row) <= slot.slotAt)) {
      pending.shift();
      yield fateOfRow(row, startOf(row), slot?.zone ?? zone);
      covered = Math.max(covered, row.slotTo ?? startOf(row));
    } else if (slot !== null) {
      yield unsettled(slot, fateWithoutRow(slot.slotAt, horizon));
      covered = slot.slotAt;
    } else {
      return;
    }
  }
}

const startOf = (row: Execution): number => row.slotAt ?? row.nominalAt;

function unsettled({ slotAt, zone }: Planned, fate: Fate): SlotFate {
  return { slotAt, slotTo: null, count: null, fate, row: null, zone };
}

function firstSlotAfter(stretches: readonly Stretch[], later: number): Planned | null {
  for (const stretch of stretches) {
    if (stretch.until <= later) continue;
    const slotAt = nextIn(stretch, later);
    if (slotAt !== null) return { slotAt, zone: stretch.zone };
  }
  return null;
}
