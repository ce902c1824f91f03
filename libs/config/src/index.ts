export {
  CONFIG,
  type Config,
  isAuthEnabled,
  kafkaBrokers,
  listenAddress,
  type ProcessRole,
  tokenServerUrl,
} from './config.js';
export { ConfigError, type Problem } from './config-error.js';
export { loadConfig } from './load-config.js';
export { configReference, configSample } from './reference.js';
