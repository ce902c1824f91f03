import { hostname } from 'node:os';
import { CONFIG, type Config } from '@ecron/config';
import { Clock, POLICY_DEFAULTS } from '@ecron/domain';
import { BrokerState } from '@ecron/execution';
import { ClientPublisher, MessagePublisher } from '@ecron/messaging';
import { NodeClock, NodeIdentity, type NodeRole } from '@ecron/nodes';
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

/** The platform as providers: configuration, clock, node, transport, publisher and every store. */
@Module({})
export class PlatformModule {
  static for(platform: Platform, node: NodeIdentity): DynamicModule {
    const { config, defaults, clock, transport } = platform;
    const client = transport.client();
    const shared: Provider[] = [
      { provide: CONFIG, useValue: config },
      { provide: POLICY_DEFAULTS, useValue: defaults },
      { provide: Clock, useValue: clock },
      { provide: NodeClock, useValue: clock },
      { provide: NodeIdentity, useValue: node },
      { provide: TRANSPORT, useValue: transport },
      { provide: BrokerState, useValue: transport },
      { provide: MessagePublisher, useValue: new ClientPublisher(client) },
    ];
    const persistence = PersistenceModule.for(platform);
    return {
      module: PlatformModule,
      imports: [persistence],
      providers: [...shared, { provide: CLIENT, useValue: client }, ClientCloser],
      exports: [persistence, ...shared.map((p) => (p as { provide: string }).provide)],
    };
  }
}
