import { EventClient } from '../event-client.js';
import { type MemoryBus } from './memory-bus.js';

/** Publishes to a `MemoryBus`. */
export class MemoryClient extends EventClient {
  constructor(private readonly bus: MemoryBus) {
    super();
  }

  unwrap<T>(): T {
    return this.bus as unknown as T;
  }

  protected async publishAll(topic: string, messages: readonly object[]): Promise<void> {
    this.bus.publish(
      topic,
      messages.map((message) => JSON.stringify(message)),
    );
  }
}
