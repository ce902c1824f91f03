import { type AcceptedEnd, closeAccepted, type Policy, settleOverdueCallback } from '@ecron/domain';
import { type OverdueCallback, type OverdueSettlement } from '../ports/waiting.store.js';

/** Our own runs fail an attempt; what an outsider reported and never ended is interrupted. */
export function settleOverdue(
  row: OverdueCallback,
  policy: Policy,
  now: number,
  random: number,
): OverdueSettlement {
  const isOurs = row.trigger !== 'external';
  const end: AcceptedEnd = { ended_at: now, ...(isOurs ? TIMED_OUT : INTERRUPTED) };
  return {
    ...(isOurs ? settleOverdueCallback(row, policy, now, random) : { ...NO_WORD, endedAt: now }),
    attempts: isOurs ? closeAccepted(row.attempts, row.attempt, end) : closeLast(row, end),
    error: end.error ?? '',
  };
}

const TIMED_OUT = { outcome: 'timed_out', error: 'no callback in time' } as const;
const INTERRUPTED = { outcome: 'interrupted', error: 'no word in time' } as const;
const NO_WORD = { state: 'interrupted', reason: 'no word', dueAt: null } as const;

/** Outsiders number their starts as they like: the last one is the open one. */
function closeLast({ attempts }: OverdueCallback, end: AcceptedEnd): OverdueSettlement['attempts'] {
  return closeAccepted(attempts, attempts.at(-1)?.attempt ?? 0, end);
}
