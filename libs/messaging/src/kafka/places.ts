import { Waiters } from './waiters.js';

/** A bound on how many messages are at work, over all sessions of one consumer: a broken session leaves its handlers running. */
export class Places {
  private taken = 0;
  private readonly changes = new Waiters();

  constructor(private readonly count: number) {}

  /** False when there is none. */
  take(): boolean {
    if (this.taken >= this.count) return false;
    this.taken++;
    return true;
  }

  release(): void {
    this.taken--;
    this.changes.wake();
  }

  /** Resolves when a place may have become free, at `interrupt`, and after `timeoutMs`. */
  whenChanged(timeoutMs: number): Promise<void> {
    return this.changes.wait(timeoutMs);
  }

  interrupt(): void {
    this.changes.wake();
  }

  async whenAllFree(): Promise<void> {
    while (this.taken > 0) await this.changes.wait();
  }
}
