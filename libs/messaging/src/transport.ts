import { type ClientProxy, type CustomTransportStrategy, type Server } from '@nestjs/microservices';

import { type Outlet } from './outlet.js';

/** Which queue the deployment uses. */
export type TransportName = 'memory' | 'nsq' | 'kafka';

/**
 * One queue, as a process uses it. A broker that is away keeps nothing from starting: consumers and clients
 * connect when it is there, again and again, and {@link fault} says so meanwhile.
 */
export interface Transport {
  readonly name: TransportName;
  /** A consumer of every topic that the application has a handler for; `app.connectMicroservice({ strategy })`. */
  server(): Server & CustomTransportStrategy;
  /** A publisher. An array is so many messages. While the broker is away publishing rejects at once. */
  client(): ClientProxy;
  /** For topics of others; null: there is no broker, so nobody else could read them. */
  outlet(): Outlet | null;
  /** Why nothing can be sent or received just now; null when all is well. */
  fault(): string | null;
  /** After every server and client has been closed. Idempotent. */
  close(): Promise<void>;
}
