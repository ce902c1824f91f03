export * from './job/job.js';
export * from './policy/policy.js';
export * from './execution/state.js';
export * from './execution/execution.js';
export * from './clock.js';
export * from './tenant-scope.js';
