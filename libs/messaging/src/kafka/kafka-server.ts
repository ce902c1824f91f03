import { BaseRpcContext, type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { CHANNELS, DEAD_LETTER_TOPIC, type Topic, TOPICS } from '../topics.js';
import { Deliverer, type KafkaStats } from './deliverer.js';
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
  stats: KafkaStats;
}

/**
 * Consumes every topic that has a handler, each as a member of its own group. A handler that throws gets its message
 * again, three times by default; then it goes to the dead letters. A message counts as consumed when its handler is
 * done, so one that dies with the process is handed to another. `close` waits for the handlers that are at work.
 */
export class KafkaServer extends Server implements CustomTransportStrategy {
  /** Nest then hands the failures of handlers to us instead of only logging them. */
  override readonly propagatesEventHandlerErrors = true;
  private consumers: TopicConsumer[] = [];

  /** @param group whose members share the messages; left out: the channel of each topic. */
  constructor(
    private readonly parts: KafkaParts,
    private readonly group?: string,
  ) {
    super();
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
    for (const consumer of this.consumers) {
      const fault = consumer.fault();
      if (fault !== null) return fault;
    }
    return null;
  }

  async close(): Promise<void> {
    const consumers = this.consumers;
    this.consumers = [];
    await Promise.all(consumers.map((consumer) => consumer.close()));
  }

  on(): never {
    throw new Error('the Kafka transport has no events of its own');
  }

  unwrap<T>(): T {
    return this.consumers as unknown as T;
  }

  private makeConsumer(topic: string): TopicConsumer {
    const { options, link } = this.parts;
    const from = { topic, channel: this.group ?? CHANNELS[topic as Topic] ?? topic };
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
    const { options, writer, stats } = this.parts;
    return new Deliverer({
      from,
      handle: (message) => this.handle(from.topic, message),
      bury: (letter) =>
        writer.publish(options.prefix + DEAD_LETTER_TOPIC, [{ key: null, value: JSON.stringify(letter) }]),
      redeliveryDelaysMs: options.redeliveryDelaysMs,
      stats,
    });
  }

  /** The base class starts a handler without waiting for it; here its end decides about redelivery. */
  private async handle(topic: string, message: object): Promise<void> {
    const handler = this.messageHandlers.get(topic);
    const result: unknown = await handler?.(message, new BaseRpcContext([topic]));
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }
}
