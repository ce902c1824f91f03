import { setImmediate } from 'node:timers/promises';

/** What goes first when several writers wait for SQLite's single pen: timers on time before bookkeeping. */
export const WRITE_PRIORITIES = ['start', 'record', 'edit', 'claim'] as const;
export type WritePriority = (typeof WRITE_PRIORITIES)[number];

/** Runs one piece of work at a time, the most urgent first, first come first served within a priority. */
export class WriteQueue {
  private readonly waiting = new Map<WritePriority, (() => Promise<void>)[]>(WRITE_PRIORITIES.map((p) => [p, []]));
  private busy = false;

  run<T>(priority: WritePriority, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.get(priority)?.push(() => work().then(resolve, reject));
      if (!this.busy) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.busy = true;
    for (let next = this.take(); next !== undefined; next = this.take()) {
      await next();
      // A pen that writes inline answers within the call: this lets timers and sockets in between.
      await setImmediate();
    }
    this.busy = false;
  }

  private take(): (() => Promise<void>) | undefined {
    for (const queue of this.waiting.values()) {
      const next = queue.shift();
      if (next !== undefined) return next;
    }
    return undefined;
  }
}
