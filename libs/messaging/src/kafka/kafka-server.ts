import { EventServer } from '../event-server.js';
import { firstFault } from '../first-fault.js';
import { DEAD_LETTER_TOPIC, TOPICS } from '../topics.js';
import { Deliverer } from './deliverer.js';
import { type KafkaLink } from './kafka-link.js';
import { type KafkaOptions } from './kafka-settings.js';
import { type KafkaWriter } from './kafka-writer.js';
import { TopicConsumer } from './topic-consumer.js';

/** Their messages tell of rows, which the polling finds: a new group need not hear old ones. Others stand nowhere else. */
const DOORBELLS: ReadonlySet<string> = new Set([TOPICS.job, TOPICS.status, TOPICS.execution]);

/** What the parts of one transport share. */
export interface KafkaParts {
  options: KafkaOptions;
  link: KafkaLink;
  writer: KafkaWriter;
}

/**
 * Consumes every topic that has a handler, each as a member of its own group. A handler that throws gets its message
 * again, three times by default; then it goes to the dead letters. A message counts as consumed when its handler is
 * done, so one that dies with the process is handed to another. `close` waits for the handlers that are at work.
 */
export class KafkaServer extends EventServer {
  private consumers: TopicConsumer[] = [];

  /** @param group whose members share the messages; left out: the channel of each topic. */
  constructor(
    private readonly parts: KafkaParts,
    group?: string,
  ) {
    super(group);
  }

  /** Calls back at once; joining the groups goes on behind it, for as long as it takes. */
  listen(callback: () => void): void {
    this.parts.link.start();
    this.consumers = [...this.messageHandlers.keys()].map((topic) => this.makeConsumer(topic));
    for (const consumer of this.consumers) consumer.start();
    callback();
  }

  /** Resolves when every topic is being consumed for the first time. */
  async whenJoined(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.whenJoined()));
  }

  /** Why some topic is not consumed just now; null when all are. */
  fault(): string | null {
    return firstFault(this.consumers);
  }

  async close(): Promise<void> {
    const consumers = this.consumers;
    this.consumers = [];
    await Promise.all(consumers.map((consumer) => consumer.close()));
  }

  unwrap<T>(): T {
    return this.consumers as unknown as T;
  }

  private makeConsumer(topic: string): TopicConsumer {
    const { options, link } = this.parts;
    const from = { topic, channel: this.channelOf(topic) };
    return new TopicConsumer({
      kafka: options,
      link,
      topic: options.prefix + topic,
      group: options.prefix + from.channel,
      beginsAt: DOORBELLS.has(topic) ? 'next message' : 'first message',
      deliverer: this.makeDeliverer(from),
    });
  }

  private makeDeliverer(from: { topic: string; channel: string }): Deliverer {
    const { options, writer } = this.parts;
    return new Deliverer({
      from,
      handle: (message) => this.handle(from.topic, message),
      bury: (letter) =>
        writer.publish(options.prefix + DEAD_LETTER_TOPIC, [{ key: null, value: JSON.stringify(letter) }]),
      redeliveryDelaysMs: options.redeliveryDelaysMs,
    });
  }
}
