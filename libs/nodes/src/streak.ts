/** How long something that is tried again and again has gone well without a break; all in milliseconds. */
export class Streak {
  private since: number | null = null;
  private last = 0;

  /** @param maxGapMs two successes further apart than this are not one streak */
  constructor(private readonly maxGapMs: number) {}

  succeeded(at: number): void {
    if (this.lasts(at) === null) this.since = at;
    this.last = at;
  }

  broke(): void {
    this.since = null;
  }

  /** From the first success to `at`; 0 where the streak is broken. */
  lengthMs(at: number): number {
    return this.lasts(at) ?? 0;
  }

  private lasts(at: number): number | null {
    return this.since === null || at - this.last > this.maxGapMs ? null : at - this.since;
  }
}
