import { type Reader } from './pen.js';

/** Half-way between two whole seconds, on which most slots lie. */
const PHASE_MS = 500;
const EVERY_MS = 1_000;

/**
 * Moves what the write-ahead log holds into the data file, on the reading thread: done by a commit, as SQLite
 * does on its own, it would keep that commit waiting for the disk.
 */
export class Checkpoints {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly reader: Reader) {}

  start(): this {
    this.arm();
    return this;
  }

  /** Idempotent. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private arm(): void {
    if (this.stopped) return;
    const delay = EVERY_MS - ((Date.now() + PHASE_MS) % EVERY_MS);
    this.timer = setTimeout(() => void this.checkpoint(), delay);
  }

  /** One that fails is made up for by the next, or in the end by SQLite's own. */
  private async checkpoint(): Promise<void> {
    await this.reader.all('PRAGMA wal_checkpoint(PASSIVE)').catch(() => undefined);
    this.arm();
  }
}
