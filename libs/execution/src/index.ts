export * from './ports/run.store.js';
export * from './executor/executor.js';
export { JobExecutor } from './executor/job-executor.decorator.js';
export { ExecutorRegistry } from './executor/executor-registry.js';
export {
  HTTP_EXECUTOR_OPTIONS,
  HttpExecutor,
  type HttpExecutorOptions,
} from './executors/http/http.executor.js';
export { Runner, WEBHOOK_PATH } from './runner/runner.service.js';
export { ExecutionModule } from './execution.module.js';
