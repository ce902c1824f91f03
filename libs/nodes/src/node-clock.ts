import { Clock } from '@ecron/domain';
import { type TimeSources } from './time-sources.js';

/** Steps of the clock up to this are ridden out; a larger one stops claiming until it is confirmed. */
const RIDDEN_STEP_MS = 60_000;
/** Reads that agree for this long confirm a large step. */
const CONFIRM_MS = 30_000;
/** Two reads agree when they differ by less than this. */
const AGREE_MS = 1_000;

/**
 * Coordination time: the shared clock carried on by the monotonic one, so that it never goes backwards. A step
 * back of up to a minute lets it stand still; one of more than a minute, either way, is believed only after
 * half a minute of reads that agree, and until then {@link isSuspended} tells claimers to wait.
 */
export class NodeClock extends Clock {
  private offset: number;
  private pending: { offset: number; since: number } | null = null;
  private backSteps = 0;

  /** @param highest the latest coordination time that any node has written before (0: none) */
  constructor(
    private readonly sources: TimeSources,
    private highest = 0,
  ) {
    super();
    this.offset = sources.wall() - sources.monotonic();
    if (highest > sources.wall() + RIDDEN_STEP_MS) {
      this.pending = { offset: this.offset, since: sources.monotonic() };
      this.offset = highest - sources.monotonic();
    }
  }

  now(): number {
    this.highest = Math.max(this.highest, Math.floor(this.sources.monotonic() + this.offset));
    return this.highest;
  }

  /** For how long things take and last; unlike {@link now} it never stands still. */
  monotonic(): number {
    return this.sources.monotonic();
  }

  /** How far the clock of this machine is ahead of the shared one. */
  get skewMs(): number {
    return this.sources.skewMs?.() ?? 0;
  }

  /** How often time has gone back by a confirmed step: what lay behind then lies ahead again. */
  get stepsBack(): number {
    return this.backSteps;
  }

  /** True between a large step and its confirmation: nothing may be claimed. */
  get isSuspended(): boolean {
    return this.pending !== null;
  }

  /**
   * Compares with the shared clock; call it about twice a second.
   * @returns how far a confirmed step has moved time, 0 in every other case
   */
  check(): number {
    const measured = this.sources.wall() - this.sources.monotonic();
    const step = measured - this.offset;
    if (Math.abs(step) <= RIDDEN_STEP_MS) {
      this.offset = measured;
      this.pending = null;
      return 0;
    }
    return this.confirm(measured) ? this.adopt(measured, step) : 0;
  }

  private confirm(measured: number): boolean {
    const now = this.sources.monotonic();
    if (this.pending === null || Math.abs(this.pending.offset - measured) > AGREE_MS) {
      this.pending = { offset: measured, since: now };
    }
    return now - this.pending.since >= CONFIRM_MS;
  }

  private adopt(measured: number, step: number): number {
    this.offset = measured;
    this.pending = null;
    if (step < 0) {
      this.highest = Math.floor(this.sources.monotonic() + measured);
      this.backSteps++;
    }
    return step;
  }
}
