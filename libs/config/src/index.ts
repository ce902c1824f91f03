export {
  CONFIG,
  type Config,
  isAuthEnabled,
  kafkaBrokers,
  listenAddress,
  type ProcessRole,
  publicTokenServerUrl,
  tokenServerUrl,
} from './config.js';
export { ConfigError, type Problem } from './config-error.js';
export { configSchema } from './json-schema.js';
export { loadConfig } from './load-config.js';
export { configReference, configSample } from './reference.js';
