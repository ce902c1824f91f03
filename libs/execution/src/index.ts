export { AttemptWatch } from './ports/attempt-watch.js';
export * from './ports/attempt-tracer.js';
export * from './ports/broker-state.js';
export * from './ports/run.store.js';
export * from './executor/executor.js';
export {
  declarationsOf,
  type ExecutorTraits,
  JobExecutor,
  type ModeDeclaration,
  modeDefaultsOf,
} from './executor/job-executor.decorator.js';
export { TargetGuard, TargetRefused, type OwnAddress, type TargetGuardSettings } from './guard/index.js';
export { ExecutorRegistry } from './executor/executor-registry.js';
export { isJobMode } from './executor/mode-names.js';
export { EXECUTORS } from './executors/index.js';
export { OUTLET, PUBLISH_TOPICS } from './executors/publish/publish.executor.js';
export {
  HTTP_EXECUTOR_OPTIONS,
  HttpExecutor,
  type HttpExecutorOptions,
} from './executors/http/http.executor.js';
export { connectOptions } from './executors/http/tls-options.js';
export { describeTransportError } from './executors/http/transport-error.js';
export { KUBERNETES_SETTINGS, type KubernetesSettings } from './executors/kubernetes/kubernetes-settings.js';
export { CommandExecutor } from './executors/command/command.executor.js';
export { findLimiter } from './executors/command/limiter.js';
export {
  COMMAND_SETTINGS,
  type CommandSettings,
  type Limiter,
} from './executors/command/command-settings.js';
export { executorModeOf } from './executor/executor-mode.js';
export * from './output/output.store.js';
export { type AttemptOutput, OutputRecorder } from './output/output-recorder.service.js';
export { CALLBACK_ADDRESS, type CallbackAddress, Runner } from './runner/runner.service.js';
export { ExecutionModule } from './execution.module.js';
