import { CLOCKS_APART_MS, START_AHEAD_MS } from '@ecron/domain';

/** By the monotonic clock. */
const LONGEST_MS = START_AHEAD_MS + 2 * CLOCKS_APART_MS;

/** Keeps what has been won ahead of its slot until the slot has come: one timer an instant, however many wait for it. */
export class SlotGate<T> {
  private readonly waiting = new Map<number, T[]>();

  /** @param open gets all that waited for an instant, in the order in which they came */
  constructor(
    private readonly now: () => number,
    private readonly open: (ready: T[]) => void,
  ) {}

  /** True: it is to go on `at` that instant, and is kept until then. False: the instant has come. */
  keep(at: number, one: T): boolean {
    if (at <= this.now()) return false;
    const others = this.waiting.get(at);
    if (others !== undefined) others.push(one);
    else {
      this.waiting.set(at, [one]);
      this.arm(at, performance.now() + LONGEST_MS);
    }
    return true;
  }

  /** A timer may fire a little early: nothing goes out before its time. A clock that is set back keeps nothing for long. */
  private arm(at: number, deadline: number): void {
    const leftMs = Math.min(at - this.now(), deadline - performance.now());
    setTimeout(
      () => {
        if (at <= this.now() || performance.now() >= deadline) this.release(at);
        else this.arm(at, deadline);
      },
      Math.max(leftMs, 1),
    );
  }

  private release(at: number): void {
    const ready = this.waiting.get(at) ?? [];
    this.waiting.delete(at);
    this.open(ready);
  }
}
