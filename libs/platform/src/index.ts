export { newNode, PlatformModule } from './platform.module.js';
export { openPlatform, type Platform, policyDefaults } from './platform.js';
export * from './readiness.js';
export { refuseSplitStart } from './refuse-split-start.js';
export * from './service.js';
export { VERSION } from './version.js';
