export { newNode, PlatformModule } from './platform.module.js';
export { openPlatform, type Platform, policyDefaults } from './platform.js';
