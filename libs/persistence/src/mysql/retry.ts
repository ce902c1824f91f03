import { setTimeout as delay } from 'node:timers/promises';
import { isConnectionLost, isContention } from './mysql-errors.js';

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
 */
export async function retryContention<T>(attempt: (progress: Progress) => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    const progress: Progress = { phase: 'connecting' };
    try {
      return await attempt(progress);
    } catch (error) {
      const wasIdle = progress.phase === 'connecting' && isConnectionLost(error) && tried === 1;
      if (!wasIdle && (!isContention(error) || tried === MAX_TRIES)) throw error;
      if (!wasIdle) await delay(Math.random() * BASE_DELAY_MS * 2 ** tried);
    }
  }
}
