export { type KafkaSettings, type KafkaTls } from './kafka/kafka-settings.js';
export { KafkaTransport } from './kafka/kafka-transport.js';
export {
  MemoryBus,
  type Disturbance,
  type MemoryBusOptions,
  type MemoryBusStats,
} from './memory/memory-bus.js';
export { MemoryTransport } from './memory/memory-transport.js';
export { type Outlet, type OutletMessage, type PublishResult } from './outlet.js';
export { ClientPublisher, MessagePublisher } from './message-publisher.js';
export { type HostPort } from './nsq/nsq-settings.js';
export { NsqTransport } from './nsq/nsq-transport.js';
export { tellNsqApart } from './nsq/tell-nsq-apart.js';
export { CHANNELS, DEAD_LETTER_TOPIC, type Topic, TOPICS } from './topics.js';
export { type Transport } from './transport.js';
