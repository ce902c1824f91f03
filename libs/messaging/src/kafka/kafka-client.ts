import { EventClient } from '../event-client.js';
import { TOPICS } from '../topics.js';
import { type KafkaWriter, type OutMessage } from './kafka-writer.js';

/** Publishes to Kafka. */
export class KafkaClient extends EventClient {
  constructor(
    private readonly writer: KafkaWriter,
    private readonly prefix: string,
  ) {
    super();
  }

  unwrap<T>(): T {
    return this.writer as unknown as T;
  }

  protected publishAll(topic: string, messages: readonly object[]): Promise<void> {
    return this.writer.publish(
      this.prefix + topic,
      messages.map((message) => toOutMessage(topic, message)),
    );
  }
}

/** Only what is said of a job is keyed, by the job: its edits stay in order. All else is to reach every member alike. */
export function toOutMessage(topic: string, message: object): OutMessage {
  const value = JSON.stringify(message);
  if (topic !== TOPICS.job) return { key: null, value };
  const id = (message as { data?: { job_id?: unknown } | null }).data?.job_id;
  return { key: typeof id === 'string' && id !== '' ? id : null, value };
}
