import { type Outlet, type OutletMessage, type PublishResult } from '../outlet.js';
import { CONTROL_TOPIC_FAULT, isControlTopic } from '../topics.js';
import { type NsqWriter } from './nsq-writer.js';

/** nsqd breaks the connection off at any other. */
const TOPIC = /^[.a-zA-Z0-9_-]+(#ephemeral)?$/;
const MAX_TOPIC_LENGTH = 64;

/** Publishes to any topic of nsqd, which makes those that it does not have. */
export class NsqOutlet implements Outlet {
  readonly broker = 'NSQ';
  readonly hasKeys = false;

  constructor(private readonly writer: NsqWriter) {}

  findTopicFault(topic: string): string | null {
    if (isControlTopic(topic)) return CONTROL_TOPIC_FAULT;
    if (TOPIC.test(topic) && topic.length <= MAX_TOPIC_LENGTH) return null;
    return `must be a topic of NSQ: letters, digits, ".", "_" and "-", at most ${MAX_TOPIC_LENGTH} characters`;
  }

  async publish(topic: string, { value }: OutletMessage): Promise<PublishResult> {
    const fault = this.findTopicFault(topic);
    if (fault !== null) return { refusal: `the topic ${fault}`, isFinal: true };
    try {
      await this.writer.publish(topic, [value]);
      return 'published';
    } catch (error) {
      if (error instanceof RangeError) return { refusal: error.message, isFinal: true };
      throw error;
    }
  }
}
