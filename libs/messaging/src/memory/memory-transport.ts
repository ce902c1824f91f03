import { type Transport } from '../transport.js';
import { MemoryBus } from './memory-bus.js';
import { MemoryClient } from './memory-client.js';
import { MemoryServer } from './memory-server.js';

/** The queue of a process that is all by itself. */
export class MemoryTransport implements Transport {
  readonly name = 'memory';
  private readonly bus = new MemoryBus();

  server(): MemoryServer {
    return new MemoryServer(this.bus);
  }

  client(): MemoryClient {
    return new MemoryClient(this.bus);
  }

  outlet(): null {
    return null;
  }

  fault(): null {
    return null;
  }

  async close(): Promise<void> {}
}
