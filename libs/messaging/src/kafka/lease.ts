/**
 * A client of kafkajs and what it is asked for. Whatever is still being retried when a client is disconnected connects it
 * again, for good, and keeps the process from ending: so it has to end first.
 */
export class Lease<C extends { disconnect(): Promise<void> }> {
  private readonly work = new Set<Promise<unknown>>();

  constructor(private readonly client: C) {}

  async use<T>(ask: (client: C) => Promise<T>): Promise<T> {
    const work = ask(this.client);
    this.work.add(work);
    try {
      return await work;
    } finally {
      this.work.delete(work);
    }
  }

  /** Resolves when the client is disconnected; with a broker that does not answer that takes some of its timeouts. */
  async end(): Promise<void> {
    while (this.work.size > 0) await Promise.allSettled(this.work);
    await this.client.disconnect();
  }
}
