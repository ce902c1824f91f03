import { WriteQueueFullError } from '../sql/write-queue.js';
import { NoneFreeError } from './mysql-errors.js';

/** Beyond it, whoever asks is refused. */
const MAX_WAITING = 10_000;

interface Waiting {
  resolve: () => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/** So many may do something at a time; others wait, first come first served. */
export class Permits {
  private readonly queue = new Set<Waiting>();

  constructor(private free: number) {}

  get figures(): { free: number; waiting: number } {
    return { free: this.free, waiting: this.queue.size };
  }

  /** @throws WriteQueueFullError when 10 000 wait already; NoneFreeError after `ms` of waiting */
  take(ms: number): Promise<void> {
    if (this.free > 0) {
      this.free--;
      return Promise.resolve();
    }
    if (this.queue.size >= MAX_WAITING) return Promise.reject(new WriteQueueFullError());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.giveUp(waiting, ms), ms);
      const waiting: Waiting = { resolve, reject, timer };
      this.queue.add(waiting);
    });
  }

  give(): void {
    const [next] = this.queue;
    if (next === undefined) {
      this.free++;
      return;
    }
    this.queue.delete(next);
    clearTimeout(next.timer);
    next.resolve();
  }

  private giveUp(waiting: Waiting, ms: number): void {
    this.queue.delete(waiting);
    waiting.reject(new NoneFreeError(`no connection to the database was free within ${Math.round(ms)} ms`));
  }
}
