export * from './ports/job.store.js';
export * from './ports/execution.store.js';
export * from './ports/ledger.store.js';
