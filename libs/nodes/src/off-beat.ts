import { setTimeout as sleep } from 'node:timers/promises';

/** Most slots lie on whole seconds; what follows them is over by then, and the next is far enough. */
const FROM_MS = 300;
const TO_MS = 900;

/** How long a routine that can wait a moment stays away, in milliseconds: it keeps the whole seconds free. */
export function offBeatDelay(now: number): number {
  const at = now % 1000;
  if (at >= FROM_MS && at < TO_MS) return 0;
  return at < FROM_MS ? FROM_MS - at : 1000 - at + FROM_MS;
}

/** @see offBeatDelay */
export async function offBeat(now: number): Promise<void> {
  const delay = offBeatDelay(now);
  if (delay > 0) await sleep(delay, undefined, { ref: false });
}
