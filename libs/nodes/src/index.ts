export * from './node-identity.js';
export * from './node-clock.js';
export * from './ports.js';
export * from './heartbeat.service.js';
export * from './off-beat.js';
