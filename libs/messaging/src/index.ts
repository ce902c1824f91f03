export {
  MemoryBus,
  type Disturbance,
  type MemoryBusOptions,
  type MemoryBusStats,
} from './memory/memory-bus.js';
export { MemoryClient } from './memory/memory-client.js';
export { MemoryServer } from './memory/memory-server.js';
export { MemoryTransport } from './memory/memory-transport.js';
export { ClientPublisher, MessagePublisher } from './message-publisher.js';
export { CHANNELS, DEAD_LETTER_TOPIC, type Topic, TOPICS } from './topics.js';
export { type Transport, type TransportName } from './transport.js';
