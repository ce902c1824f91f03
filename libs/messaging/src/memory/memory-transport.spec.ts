import { transportConformance } from '@ecron/testing';
import { ClientPublisher } from '../message-publisher.js';
import { MemoryBus } from './memory-bus.js';
import { MemoryClient } from './memory-client.js';
import { MemoryServer } from './memory-server.js';

transportConformance('in-memory', async () => {
  const bus = new MemoryBus();
  return {
    publisher: new ClientPublisher(new MemoryClient(bus)),
    makeServer: (group) => new MemoryServer(bus, group),
    fault: () => null,
    close: async () => undefined,
  };
});
