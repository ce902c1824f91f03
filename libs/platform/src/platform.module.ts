import { hostname } from 'node:os';
import { CONFIG, type Config } from '@ecron/config';
import { Clock, POLICY_DEFAULTS, Sealer } from '@ecron/domain';
import { AttemptWatch, BrokerState } from '@ecron/execution';
import { ClientPublisher, MessagePublisher } from '@ecron/messaging';
import { NodeClock, NodeIdentity, type NodeRole } from '@ecron/nodes';
import { type Tracing } from '@ecron/observability';
import { LogLevel, Metrics } from '@ecron/observability';
import { PersistenceModule } from '@ecron/persistence';
import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { type ClientProxy } from '@nestjs/microservices';
import { v7 as uuid } from 'uuid';
import { MeteredAttempts } from './metrics/metered-attempts.js';
import { meterStores } from './metrics/metered-stores.js';
import { closerOf, tracers } from './node-tracing.js';
import { type Platform } from './platform.js';
import { VERSION } from './version.js';

/** DI token of the process's `Transport`. */
export const TRANSPORT = Symbol('TRANSPORT');
const CLIENT = Symbol('CLIENT');

/** A new node of this process. */
export function newNode(
  role: NodeRole,
  capacity: number,
  { nodeName }: Pick<Config, 'nodeName'>,
): NodeIdentity {
  return new NodeIdentity(uuid(), nodeName ?? `${hostname()}/${process.pid}`, role, capacity, VERSION);
}

/** Closes the publisher after everything that publishes. */
class ClientCloser implements OnApplicationShutdown {
  constructor(@Inject(CLIENT) private readonly client: ClientProxy) {}

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }
}

/** The platform as providers: configuration, clock, node, transport, publisher, tracers and every store. */
@Module({})
export class PlatformModule {
  /** @param tracing closed with the application; null: nothing is traced */
  static for(platform: Platform, node: NodeIdentity, tracing: Tracing | null = null): DynamicModule {
    const { config, defaults, clock, sealer, transport, metrics, logLevel } = platform;
    const client = transport.client();
    const shared: Provider[] = [
      { provide: CONFIG, useValue: config },
      { provide: POLICY_DEFAULTS, useValue: defaults },
      { provide: Sealer, useValue: sealer },
      { provide: Clock, useValue: clock },
      { provide: NodeClock, useValue: clock },
      { provide: NodeIdentity, useValue: node },
      { provide: TRANSPORT, useValue: transport },
      { provide: BrokerState, useValue: transport },
      { provide: MessagePublisher, useValue: new ClientPublisher(client) },
      ...tracers(tracing),
      { provide: Metrics, useValue: metrics },
      { provide: LogLevel, useValue: logLevel },
      { provide: AttemptWatch, useValue: new MeteredAttempts(metrics, clock) },
    ];
    const persistence = meterStores(PersistenceModule.for(platform), metrics);
    return {
      module: PlatformModule,
      imports: [persistence],
      providers: [...shared, { provide: CLIENT, useValue: client }, ClientCloser, closerOf(tracing)],
      exports: [persistence, ...shared.map((p) => (p as { provide: string }).provide)],
    };
  }
}
