import { type ClientProxy } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { type Topic } from './topics.js';

/**
 * Rings the doorbells. Each message is one JSON object; delivery is at least once and in no promised order.
 * Resolves when the transport has taken the messages, rejects when it could not: then some may have gone
 * out. Nobody need repair that: whatever a message says stands in a row, which the polling finds.
 */
export abstract class MessagePublisher {
  abstract publish(topic: Topic, messages: readonly object[]): Promise<void>;
}

/**
 * Publishes through a Nest client. One emit carries all the messages as an array, which the clients of this
 * library send as so many messages.
 */
export class ClientPublisher extends MessagePublisher {
  constructor(private readonly client: ClientProxy) {
    super();
  }

  async publish(topic: Topic, messages: readonly object[]): Promise<void> {
    if (messages.length === 0) return;
    await lastValueFrom(this.client.emit<unknown>(topic, messages), { defaultValue: undefined });
  }
}
