import { EARLIEST_S, LATEST_S } from '../time/civil.js';
import type { Schedule } from './schedule.js';

const inRange = (ms: number): number | null => (ms >= EARLIEST_S * 1000 && ms <= LATEST_S * 1000 ? ms : null);

/** `@every` of a stored job: anchor + n·step for n from 1, on whole seconds of real time. */
export class AnchoredSchedule implements Schedule {
  readonly kind = 'every';
  private readonly anchorMs: number;

  constructor(
    readonly text: string,
    readonly zone: string,
    readonly stepMs: number,
    anchorMs: number,
  ) {
    this.anchorMs = Math.floor(anchorMs / 1000) * 1000;
  }

  next(afterMs: number): number | null {
    const n = Math.max(Math.floor((afterMs - this.anchorMs) / this.stepMs) + 1, 1);
    return inRange(this.anchorMs + n * this.stepMs);
  }

  prev(beforeMs: number): number | null {
    const n = Math.min(Math.ceil((beforeMs - this.anchorMs) / this.stepMs) - 1, this.lastStep());
    return n >= 1 ? inRange(this.anchorMs + n * this.stepMs) : null;
  }

  private lastStep(): number {
    return Math.floor((LATEST_S * 1000 - this.anchorMs) / this.stepMs);
  }
}

/** `@every` with nothing to count from, as in a preview: a step on from wherever one asks, cut to the whole second. */
export class DriftingSchedule implements Schedule {
  readonly kind = 'every';

  constructor(
    readonly text: string,
    readonly zone: string,
    readonly stepMs: number,
  ) {}

  next(afterMs: number): number | null {
    return inRange(Math.floor(afterMs / 1000) * 1000 + this.stepMs);
  }

  prev(beforeMs: number): number | null {
    return inRange(Math.ceil(beforeMs / 1000) * 1000 - this.stepMs);
  }
}
