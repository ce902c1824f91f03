import { BaseRpcContext, type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { CHANNELS, type Topic } from './topics.js';

/** What the servers of all transports have in common: they carry events only, and await their handlers. */
export abstract class EventServer extends Server implements CustomTransportStrategy {
  /** Nest then leaves the failures of handlers to us, and does not log each as unhandled. */
  override readonly propagatesEventHandlerErrors = true;

  /** @param group whose members share the messages; left out: the channel of each topic. */
  constructor(private readonly group?: string) {
    super();
  }

  abstract listen(callback: () => void): void;
  abstract close(): Promise<void>;

  on(): never {
    throw new Error('the transport has no events of its own');
  }

  protected channelOf(topic: string): string {
    return this.group ?? CHANNELS[topic as Topic] ?? topic;
  }

  /** The base class starts a handler without waiting for it; here its end decides about redelivery. */
  protected async handle(topic: string, message: unknown): Promise<void> {
    const handler = this.messageHandlers.get(topic);
    const result: unknown = await handler?.(message, new BaseRpcContext([topic]));
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }
}
