/** Twice what a node is sent at its default capacity; each takes some 200 bytes. */
const MAX_HEARD = 10_000;

/** The contexts of dispatches whose attempts have not begun here. Beyond 10 000 the oldest are forgotten. */
export class HeardDispatches {
  private readonly byId = new Map<string, string>();

  get size(): number {
    return this.byId.size;
  }

  add(executeId: string, traceparent: string): void {
    this.byId.delete(executeId);
    this.byId.set(executeId, traceparent);
    if (this.byId.size <= MAX_HEARD) return;
    for (const [oldest] of this.byId) return void this.byId.delete(oldest);
  }

  take(executeId: string): string | undefined {
    const traceparent = this.byId.get(executeId);
    this.byId.delete(executeId);
    return traceparent;
  }
}
