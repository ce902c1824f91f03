import { ClientProxy, type ReadPacket } from '@nestjs/microservices';
import { TOPICS } from '../topics.js';
import { type KafkaWriter, type OutMessage } from './kafka-writer.js';

/** Publishes to Kafka; an array is so many messages. Events only: nothing here answers. */
export class KafkaClient extends ClientProxy {
  constructor(
    private readonly writer: KafkaWriter,
    private readonly prefix: string,
  ) {
    super();
  }

  /** The connection belongs to the transport; publishing tells how it is. */
  async connect(): Promise<void> {}

  close(): void {}

  unwrap<T>(): T {
    return this.writer as unknown as T;
  }

  protected publish(): never {
    throw new Error('the Kafka transport carries events only');
  }

  protected async dispatchEvent<T>({ pattern, data }: ReadPacket<object>): Promise<T> {
    const topic = String(pattern);
    const messages: readonly object[] = Array.isArray(data) ? data : [data];
    await this.writer.publish(
      this.prefix + topic,
      messages.map((message) => toOutMessage(topic, message)),
    );
    return undefined as T;
  }
}

/** Only what is said of a job is keyed, by the job: its edits stay in order. All else is to reach every member alike. */
export function toOutMessage(topic: string, message: object): OutMessage {
  const value = JSON.stringify(message);
  if (topic !== TOPICS.job) return { key: null, value };
  const id = (message as { data?: { job_id?: unknown } | null }).data?.job_id;
  return { key: typeof id === 'string' && id !== '' ? id : null, value };
}
