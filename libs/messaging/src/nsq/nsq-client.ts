import { EventClient } from '../event-client.js';
import { type NsqWriter } from './nsq-writer.js';

/** Publishes to an nsqd. */
export class NsqClient extends EventClient {
  constructor(private readonly writer: NsqWriter) {
    super();
  }

  unwrap<T>(): T {
    return this.writer as unknown as T;
  }

  protected publishAll(topic: string, messages: readonly object[]): Promise<void> {
    return this.writer.publish(
      topic,
      messages.map((message) => JSON.stringify(message)),
    );
  }
}
