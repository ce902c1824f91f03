import { type Execution, type ExecutionState } from '@ecron/domain';

/** What became of a slot: a state of its row, or what can be said of it without one. */
export type Fate = ExecutionState | 'due' | 'planned' | 'lost';

/** One slot, or one range of slots that share a row. Instants in epoch milliseconds. */
export interface SlotFate {
  slotAt: number;
  /** A range ends here; null: one slot. */
  slotTo: number | null;
  /** Slots in the range; null until counted. */
  count: number | null;
  fate: Fate;
  row: Execution | null;
  zone: string;
}

/** What a slot without a row is judged by. */
export interface Horizon {
  now: number;
  /** Every slot before it has a row; null: every slot has. */
  nextSlotAt: number | null;
}

/**
 * Whether a slot without a row is still to come. Before the job's next slot none may lack its row: such a slot
 * is lost, which must never happen and is shown rather than hidden.
 */
export function fateWithoutRow(slotAt: number, { now, nextSlotAt }: Horizon): 'due' | 'planned' | 'lost' {
  if (nextSlotAt === null || slotAt < nextSlotAt) return 'lost';
  return slotAt <= now ? 'due' : 'planned';
}

export function fateOfRow(row: Execution, slotAt: number, zone: string): SlotFate {
  return {
    slotAt,
    slotTo: row.slotTo,
    count: row.slotTo === null ? null : row.slotCount,
    fate: row.state,
    row,
    zone,
  };
}
