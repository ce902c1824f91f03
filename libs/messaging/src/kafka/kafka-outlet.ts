import { type Outlet, type OutletMessage, type PublishResult } from '../outlet.js';
import { CONTROL_TOPIC_FAULT, isControlTopic } from '../topics.js';
import { type KafkaWriter } from './kafka-writer.js';

const TOPIC = /^[.a-zA-Z0-9_-]{1,249}$/;

/** The answers of brokers, by the names that kafkajs has for them. */
const REFUSALS = new Map<unknown, Exclude<PublishResult, 'published'>>([
  ['UNKNOWN_TOPIC_OR_PARTITION', { refusal: 'Kafka has no such topic', isFinal: false }],
  ['TOPIC_AUTHORIZATION_FAILED', { refusal: 'Kafka does not let ECron write to the topic', isFinal: true }],
  ['MESSAGE_TOO_LARGE', { refusal: 'Kafka does not take so large a message', isFinal: true }],
]);

/** Publishes to any topic that the cluster has; none is made. The deployment's prefix is not put before it. */
export class KafkaOutlet implements Outlet {
  readonly broker = 'Kafka';
  readonly hasKeys = true;

  constructor(private readonly writer: KafkaWriter) {}

  findTopicFault(topic: string): string | null {
    if (isControlTopic(topic)) return CONTROL_TOPIC_FAULT;
    if (topic.startsWith('__')) return "must not be one of Kafka's own topics (__…)";
    if (TOPIC.test(topic) && topic !== '.' && topic !== '..') return null;
    return 'must be a topic of Kafka: letters, digits, ".", "_" and "-", at most 249 characters';
  }

  async publish(topic: string, message: OutletMessage): Promise<PublishResult> {
    const fault = this.findTopicFault(topic);
    if (fault !== null) return { refusal: `the topic ${fault}`, isFinal: true };
    try {
      await this.writer.publish(topic, [{ ...message, headers: { ...message.headers } }]);
      return 'published';
    } catch (error) {
      return refusalIn(error);
    }
  }
}

/** kafkajs wraps the broker's answer when it has tried often enough. @throws the error itself when it is another */
function refusalIn(error: unknown): PublishResult {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const refusal = REFUSALS.get((cause as { type?: unknown }).type);
    if (refusal !== undefined) return refusal;
  }
  throw error;
}
