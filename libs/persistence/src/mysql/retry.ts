import { setTimeout as delay } from 'node:timers/promises';
import { isConnectionLost, isContention, NoneFreeError } from './mysql-errors.js';

const MAX_TRIES = 8;
/** Before the second try; doubled each time, and each time a random part of it. */
const BASE_DELAY_MS = 10;

/** How far a try has come. */
export interface Progress {
  phase: 'connecting' | 'open' | 'ending';
}

/**
 * Tries anew what another one's locks were in the way of, up to eight times, and once what met a connection that had
 * broken while it lay idle.
 * @param ms all tries together take no longer; each is told what is left of it
 */
export async function retryContention<T>(
  ms: number,
  attempt: (progress: Progress, leftMs: number) => Promise<T>,
): Promise<T> {
  const until = performance.now() + ms;
  for (let tried = 1; ; tried++) {
    const progress: Progress = { phase: 'connecting' };
    try {
      return await attempt(progress, until - performance.now());
    } catch (error) {
      if (!mayTryAgain(error, tried, progress) || performance.now() >= until) throw error;
      if (isContention(error)) await delay(Math.random() * BASE_DELAY_MS * 2 ** tried);
    }
  }
}

function mayTryAgain(error: unknown, tried: number, { phase }: Progress): boolean {
  if (isContention(error)) return tried < MAX_TRIES;
  const wasLost = isConnectionLost(error) && !(error instanceof NoneFreeError);
  return phase === 'connecting' && wasLost && tried === 1;
}
