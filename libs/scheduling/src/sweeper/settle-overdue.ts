import { type Policy, settleOverdueCallback, type Settlement } from '@ecron/domain';
import { type OverdueCallback } from '../ports/waiting.store.js';

/** Our own runs fail an attempt; what an outsider reported and never ended is interrupted. */
export function settleOverdue(
  row: OverdueCallback,
  policy: Policy,
  now: number,
  random: number,
): Pick<Settlement, 'state' | 'reason' | 'endedAt' | 'dueAt'> {
  if (row.trigger === 'external')
    return { state: 'interrupted', reason: 'no word', endedAt: now, dueAt: null };
  return settleOverdueCallback(row, policy, now, random);
}
