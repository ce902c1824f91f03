import { hostname } from 'node:os';
import { CONFIG } from '@ecron/config';
import { Clock, POLICY_DEFAULTS } from '@ecron/domain';
import { ClientPublisher, MemoryClient, MessagePublisher } from '@ecron/messaging';
import { NodeClock, NodeIdentity, type NodeRole } from '@ecron/nodes';
import { PersistenceModule } from '@ecron/persistence';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { type Platform } from './platform.js';

/** A new node of this process. */
export function newNode(role: NodeRole, capacity: number): NodeIdentity {
  return new NodeIdentity(uuid(), `${hostname()}/${process.pid}`, role, capacity);
}

/** The platform as providers: configuration, clock, node, publisher and every store. */
@Module({})
export class PlatformModule {
  static for(platform: Platform, node: NodeIdentity): DynamicModule {
    const { config, defaults, clock, bus } = platform;
    const providers: Provider[] = [
      { provide: CONFIG, useValue: config },
      { provide: POLICY_DEFAULTS, useValue: defaults },
      { provide: Clock, useValue: clock },
      { provide: NodeClock, useValue: clock },
      { provide: NodeIdentity, useValue: node },
      { provide: MessagePublisher, useValue: new ClientPublisher(new MemoryClient(bus)) },
    ];
    const persistence = PersistenceModule.for(platform);
    return {
      module: PlatformModule,
      imports: [persistence],
      providers,
      exports: [persistence, ...providers.map((p) => (p as { provide: string }).provide)],
    };
  }
}
