export { MessageDisturbance } from './message-disturbance.js';
export { transportConformance, type TransportUnderTest } from './transport-conformance.js';
export { FakeTokenServer, type TokenAnswer } from './token-server.js';
export { FakeClock } from './fake-clock.js';
export * from './stores/index.js';
