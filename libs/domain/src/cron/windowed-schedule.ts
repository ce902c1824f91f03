import type { Schedule, ScheduleKind } from './schedule.js';

/** A schedule between two instants, both inclusive. */
export class WindowedSchedule implements Schedule {
  constructor(
    readonly inner: Schedule,
    private readonly beginMs: number,
    private readonly endMs: number,
  ) {}

  get text(): string {
    return this.inner.text;
  }
  get kind(): ScheduleKind {
    return this.inner.kind;
  }
  get zone(): string {
    return this.inner.zone;
  }

  next(afterMs: number): number | null {
    const slot = this.inner.next(Math.max(afterMs, this.beginMs - 1));
    return slot !== null && slot <= this.endMs ? slot : null;
  }

  prev(beforeMs: number): number | null {
    const slot = this.inner.prev(Math.min(beforeMs, this.endMs + 1));
    return slot !== null && slot >= this.beginMs ? slot : null;
  }
}
