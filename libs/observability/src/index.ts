export { createLogger, type Logger, type LoggerOptions } from './logger.js';
export { LOG_LEVELS, LogLevel, type LogLevelName, switchOnSignal } from './log-level.js';
export { type PoolFigures, type TableFigures } from './metrics/figures.js';
export { type MetricDescription, Metrics } from './metrics/metrics.js';
export { MetricsModule } from './metrics/metrics.module.js';
export { metricsReference } from './metrics/reference.js';
export { NestLogger } from './nest-logger.js';
export { openTracing } from './tracing/open-tracing.js';
export type * from './tracing/tracing.js';
