import type { Schedule } from './schedule.js';

/** One instant, as a `timed` job may have it. */
export class OnceSchedule implements Schedule {
  readonly kind = 'once';

  constructor(
    readonly text: string,
    readonly zone: string,
    readonly instantMs: number,
  ) {}

  next(afterMs: number): number | null {
    return afterMs < this.instantMs ? this.instantMs : null;
  }

  prev(beforeMs: number): number | null {
    return beforeMs > this.instantMs ? this.instantMs : null;
  }
}
