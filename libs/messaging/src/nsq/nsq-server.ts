import { BaseRpcContext, type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { CHANNELS, type Topic } from '../topics.js';
import { type NsqParts, NsqSubscription } from './nsq-subscription.js';

export interface NsqServerOptions {
  /** The channel, where it is not to be each topic's own: members of one channel share its messages. */
  channel?: string;
  onGivenUp: () => void;
}

/**
 * Nest's side of NSQ. A handler that throws gets its message again, three times at most. `close` waits for the handlers
 * that are at work; one may `listen` again afterwards.
 */
export class NsqServer extends Server implements CustomTransportStrategy {
  /** Nest then hands the failures of handlers to us instead of only logging them. */
  override readonly propagatesEventHandlerErrors = true;
  private subscriptions: NsqSubscription[] = [];

  constructor(
    private readonly parts: NsqParts,
    private readonly options: NsqServerOptions,
  ) {
    super();
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

  on(): never {
    throw new Error('the NSQ transport has no events of its own');
  }

  unwrap<T>(): T {
    return this.subscriptions as unknown as T;
  }

  private subscription(topic: string): NsqSubscription {
    const channel = this.options.channel ?? CHANNELS[topic as Topic] ?? topic;
    const handle = (message: object) => this.handle(topic, message);
    return new NsqSubscription(this.parts, { topic, channel, handle, onGivenUp: this.options.onGivenUp });
  }

  /** The base class starts a handler without waiting for it; here its end decides about redelivery. */
  private async handle(topic: string, message: object): Promise<void> {
    const handler = this.messageHandlers.get(topic);
    const result: unknown = await handler?.(message, new BaseRpcContext([topic]));
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }
}

/** Null when none of them has any. */
export function firstFault(parts: Iterable<{ fault(): string | null }>): string | null {
  for (const part of parts) {
    const fault = part.fault();
    if (fault !== null) return fault;
  }
  return null;
}
