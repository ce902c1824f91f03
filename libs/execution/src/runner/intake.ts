interface Offer {
  left: number;
  done: () => void;
}

/** When no place has become free for this long, what was offered is declined: it stays waiting, nothing is written. */
export const DECLINE_AFTER_MS = 1_000;

/** Rows offered to this node, first come first served, each once however often it is offered. */
export class Intake {
  private readonly offers = new Map<string, Offer>();
  private readonly taken = new Map<string, Offer>();
  private timer: NodeJS.Timeout | undefined;

  /** @param hasPlace whether the node could take a row now; then the offers are only waiting their turn */
  constructor(private readonly hasPlace: () => boolean) {}

  /** Rows that wait for a place. */
  get size(): number {
    return this.offers.size;
  }

  /** Resolves when each of the rows has been settled or declined. */
  offer(executeIds: readonly string[]): Promise<void> {
    const fresh = [...new Set(executeIds)].filter((id) => !this.offers.has(id) && !this.taken.has(id));
    if (fresh.length === 0) return Promise.resolve();
    this.timer ??= setTimeout(() => this.declineIfFull(), DECLINE_AFTER_MS);
    return new Promise((done) => {
      const offer: Offer = { left: fresh.length, done };
      for (const id of fresh) this.offers.set(id, offer);
    });
  }

  /** The oldest of the offered rows. {@link settle} them when their start is durable. */
  take(count: number): string[] {
    const ids: string[] = [];
    for (const [id, offer] of this.offers) {
      if (ids.length >= count) break;
      ids.push(id);
      this.taken.set(id, offer);
    }
    for (const id of ids) this.offers.delete(id);
    if (this.offers.size === 0) this.stopTimer();
    else if (ids.length > 0) this.timer?.refresh();
    return ids;
  }

  /** Given out, and its start not settled. */
  isTaken(executeId: string): boolean {
    return this.taken.has(executeId);
  }

  settle(executeIds: readonly string[]): void {
    for (const id of executeIds) this.finish(this.taken, id);
  }

  declineAll(): void {
    this.stopTimer();
    for (const id of [...this.offers.keys()]) this.finish(this.offers, id);
  }

  private declineIfFull(): void {
    if (this.hasPlace()) this.timer?.refresh();
    else this.declineAll();
  }

  private finish(from: Map<string, Offer>, id: string): void {
    const offer = from.get(id);
    from.delete(id);
    if (offer !== undefined && --offer.left === 0) offer.done();
  }

  private stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
