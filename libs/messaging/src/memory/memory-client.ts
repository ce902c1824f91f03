import { ClientProxy, type ReadPacket } from '@nestjs/microservices';
import { type MemoryBus } from './memory-bus.js';

/** Publishes to a `MemoryBus`; an array is so many messages. Events only: nothing here answers. */
export class MemoryClient extends ClientProxy {
  constructor(private readonly bus: MemoryBus) {
    super();
  }

  async connect(): Promise<void> {}

  close(): void {}

  unwrap<T>(): T {
    return this.bus as unknown as T;
  }

  protected publish(): never {
    throw new Error('the in-memory transport carries events only');
  }

  protected async dispatchEvent<T>({ pattern, data }: ReadPacket<object>): Promise<T> {
    const messages: readonly object[] = Array.isArray(data) ? data : [data];
    this.bus.publish(
      String(pattern),
      messages.map((message) => JSON.stringify(message)),
    );
    return undefined as T;
  }
}
