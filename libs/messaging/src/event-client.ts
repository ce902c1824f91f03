import { ClientProxy, type ReadPacket } from '@nestjs/microservices';

/** What the clients of all transports have in common: an array is so many messages. Events only: nothing here answers. */
export abstract class EventClient extends ClientProxy {
  /** A connection, if there is one, belongs to the transport, which makes it again as often as it breaks. */
  async connect(): Promise<void> {}

  close(): void {}

  protected abstract publishAll(topic: string, messages: readonly object[]): Promise<void>;

  protected publish(): never {
    throw new Error('the transport carries events only');
  }

  protected async dispatchEvent<T>({ pattern, data }: ReadPacket<object>): Promise<T> {
    await this.publishAll(String(pattern), Array.isArray(data) ? data : [data]);
    return undefined as T;
  }
}
