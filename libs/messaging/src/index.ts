export {
  MemoryBus,
  type Disturbance,
  type MemoryBusOptions,
  type MemoryBusStats,
} from './memory/memory-bus.js';
export { MemoryClient } from './memory/memory-client.js';
export { MemoryServer } from './memory/memory-server.js';
export { ClientPublisher, MessagePublisher } from './message-publisher.js';
export { CHANNELS, type Topic, TOPICS } from './topics.js';
