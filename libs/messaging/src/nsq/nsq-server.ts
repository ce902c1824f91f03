import { EventServer } from '../event-server.js';
import { firstFault } from '../first-fault.js';
import { type NsqParts, NsqSubscription } from './nsq-subscription.js';

/**
 * Nest's side of NSQ. A handler that throws gets its message again, three times at most. `close` waits for the handlers
 * that are at work; one may `listen` again afterwards.
 */
export class NsqServer extends EventServer {
  private subscriptions: NsqSubscription[] = [];

  constructor(
    private readonly parts: NsqParts,
    channel?: string,
  ) {
    super(channel);
  }

  /** Calls back at once, whether nsqd is there or not. */
  listen(callback: () => void): void {
    const topics = [...this.messageHandlers.keys()];
    this.subscriptions = topics.map((topic) => this.subscription(topic));
    for (const subscription of this.subscriptions) subscription.start();
    callback();
  }

  async close(): Promise<void> {
    const subscriptions = this.subscriptions;
    this.subscriptions = [];
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
  }

  fault(): string | null {
    return firstFault(this.subscriptions);
  }

  unwrap<T>(): T {
    return this.subscriptions as unknown as T;
  }

  private subscription(topic: string): NsqSubscription {
    const handle = (message: object) => this.handle(topic, message);
    return new NsqSubscription(this.parts, { topic, channel: this.channelOf(topic), handle });
  }
}
