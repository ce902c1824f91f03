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
      this.arm(at);
    }
    return true;
  }

  /** A timer may fire a little early: nothing goes out before its time. */
  private arm(at: number): void {
    setTimeout(() => (at <= this.now() ? this.release(at) : this.arm(at)), Math.max(at - this.now(), 1));
  }

  private release(at: number): void {
    const ready = this.waiting.get(at) ?? [];
    this.waiting.delete(at);
    this.open(ready);
  }
}
