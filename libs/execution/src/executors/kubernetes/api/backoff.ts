import { setTimeout as pause } from 'node:timers/promises';

const FIRST_MS = 250;
const MAX_MS = 15_000;

/** Waits between tries: longer each time, from a quarter of a second to 15 s, until something has worked. */
export class Backoff {
  private nextMs = FIRST_MS;

  reset(): void {
    this.nextMs = FIRST_MS;
  }

  /** Rejects when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    const ms = this.nextMs * (0.5 + Math.random() / 2);
    this.nextMs = Math.min(MAX_MS, this.nextMs * 2);
    await pause(ms, undefined, { signal });
  }
}
