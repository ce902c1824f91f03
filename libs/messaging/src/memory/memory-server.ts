import { BaseRpcContext, type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { CHANNELS, type Topic } from '../topics.js';
import { type MemoryBus } from './memory-bus.js';

/**
 * Nest's side of a `MemoryBus`: `app.connectMicroservice({ strategy: new MemoryServer(bus) })`. A handler that
 * throws gets its message again, three times at most. `close` waits for the handlers that are at work.
 * @param group whose members share the messages; left out: the channel of each topic.
 */
export class MemoryServer extends Server implements CustomTransportStrategy {
  /** Nest then hands the failures of handlers to us instead of only logging them. */
  override readonly propagatesEventHandlerErrors = true;
  private subscriptions: (() => Promise<void>)[] = [];

  constructor(
    private readonly bus: MemoryBus,
    private readonly group?: string,
  ) {
    super();
  }

  listen(callback: () => void): void {
    const topics = [...this.messageHandlers.keys()];
    this.subscriptions = topics.map((topic) => this.subscribe(topic));
    callback();
  }

  async close(): Promise<void> {
    const subscriptions = this.subscriptions;
    this.subscriptions = [];
    await Promise.all(subscriptions.map((end) => end()));
  }

  on(): never {
    throw new Error('the in-memory transport has no events of its own');
  }

  unwrap<T>(): T {
    return this.bus as unknown as T;
  }

  private subscribe(topic: string): () => Promise<void> {
    return this.bus.subscribe(topic, this.group ?? CHANNELS[topic as Topic] ?? topic, {
      receive: (message) => this.handle(topic, message),
      gaveUp: (error) => void this.logger.error(`a message on ${topic} was given up: ${String(error)}`),
    });
  }

  /** The base class starts a handler without waiting for it; here its end decides about redelivery. */
  private async handle(topic: string, message: unknown): Promise<void> {
    const handler = this.messageHandlers.get(topic);
    const result: unknown = await handler?.(message, new BaseRpcContext([topic]));
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }
}
