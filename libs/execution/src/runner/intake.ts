interface Offer {
  left: Set<string>;
  done: () => void;
  timer: NodeJS.Timeout;
}

/** An offered row that finds no free place within this time is declined: it stays waiting, nothing is written. */
const DECLINE_AFTER_MS = 200;

/** Rows offered to this node, first come first served, each once however often it is offered. */
export class Intake {
  private readonly offers = new Map<string, Offer>();

  get size(): number {
    return this.offers.size;
  }

  /** Resolves when each of the rows has been taken or declined. */
  offer(executeIds: readonly string[]): Promise<void> {
    const fresh = executeIds.filter((id) => !this.offers.has(id));
    if (fresh.length === 0) return Promise.resolve();
    return new Promise((done) => {
      const offer: Offer = { left: new Set(fresh), done, timer: setTimeout(() => this.decline(offer), DECLINE_AFTER_MS) };
      for (const id of fresh) this.offers.set(id, offer);
    });
  }

  /** The oldest of the offered rows. {@link settle} them when their start is durable. */
  take(count: number): string[] {
    const ids: string[] = [];
    for (const [id, offer] of this.offers) {
      if (ids.length >= count) break;
      if (offer.left.has(id)) ids.push(id);
    }
    for (const id of ids) this.offers.get(id)?.left.delete(id);
    return ids;
  }

  settle(executeIds: readonly string[]): void {
    for (const id of executeIds) {
      const offer = this.offers.get(id);
      this.offers.delete(id);
      if (offer !== undefined) this.finishIfEmpty(offer);
    }
  }

  declineAll(): void {
    for (const offer of new Set(this.offers.values())) this.decline(offer);
  }

  private decline(offer: Offer): void {
    for (const id of offer.left) this.offers.delete(id);
    offer.left.clear();
    this.finishIfEmpty(offer);
  }

  private finishIfEmpty(offer: Offer): void {
    if (offer.left.size > 0) return;
    clearTimeout(offer.timer);
    offer.done();
  }
}
