import { ClientProxy, type ReadPacket } from '@nestjs/microservices';
import { type NsqWriter } from './nsq-writer.js';

/** Publishes to an nsqd; an array is so many messages. Events only: nothing here answers. */
export class NsqClient extends ClientProxy {
  constructor(private readonly writer: NsqWriter) {
    super();
  }

  /** The connection is the transport's, which makes it again as often as it breaks. */
  async connect(): Promise<void> {}

  close(): void {}

  unwrap<T>(): T {
    return this.writer as unknown as T;
  }

  protected publish(): never {
    throw new Error('the NSQ transport carries events only');
  }

  protected async dispatchEvent<T>({ pattern, data }: ReadPacket<object>): Promise<T> {
    const messages: readonly object[] = Array.isArray(data) ? data : [data];
    await this.writer.publish(
      String(pattern),
      messages.map((message) => JSON.stringify(message)),
    );
    return undefined as T;
  }
}
