import { EventServer } from '../event-server.js';
import { type MemoryBus } from './memory-bus.js';

/**
 * Nest's side of a `MemoryBus`: `app.connectMicroservice({ strategy: new MemoryServer(bus) })`. A handler that
 * throws gets its message again, three times at most. `close` waits for the handlers that are at work.
 * @param group whose members share the messages; left out: the channel of each topic.
 */
export class MemoryServer extends EventServer {
  private subscriptions: (() => Promise<void>)[] = [];

  constructor(
    private readonly bus: MemoryBus,
    group?: string,
  ) {
    super(group);
  }

  listen(callback: () => void): void {
    const topics = [...this.messageHandlers.keys()];
    this.subscriptions = topics.map((topic) => this.subscribe(topic));
    callback();
  }

  async close(): Promise<void> {
    const subscriptions = this.subscriptions;
    this.subscriptions = [];
    await Promise.all(subscriptions.map((end) => end()));
  }

  unwrap<T>(): T {
    return this.bus as unknown as T;
  }

  private subscribe(topic: string): () => Promise<void> {
    return this.bus.subscribe(topic, this.channelOf(topic), {
      receive: (message) => this.handle(topic, message),
      gaveUp: (error) =>
        void this.logger.error({
          event: 'message.given_up',
          topic,
          msg: `a message on ${topic} was given up: ${String(error)}`,
        }),
    });
  }
}
