export * from './ports/job.store.js';
export * from './ports/audit.store.js';
export * from './ports/execution.store.js';
export * from './ports/ledger.store.js';
export * from './ports/doorbell.js';
export * from './ports/job-modes.js';
export * from './ports/sealer.js';
export * from './errors.js';
export * from './caller.js';
export * from './job-settings.js';
export * from './job/job-input.js';
export { type NotifyInput } from './job/read-notify.js';
export { MAX_CONTEXT_BYTES } from './job/read-fields.js';
export { type JobView, showJob } from './job/show-job.js';
export { type JobListQuery } from './job/job-query.js';
export { JobService } from './job/job.service.js';
export { type ExecutorView, type StatusView } from './status/show-status.js';
export { type StatusQuery } from './status/status-query.js';
export { MAX_EXECUTOR_TEXT_LENGTH, MAX_EXECUTORS, type StatusInput } from './status/status-input.js';
export { AuditService, type AuditView } from './audit/audit.service.js';
export { StatusService } from './status/status.service.js';
export { RequestService } from './request/request.service.js';
export { CancelService } from './cancel/cancel.service.js';
export { CallbackService } from './callback/callback.service.js';
export { type Page, readCursor, readLimit, writeCursor } from './paging.js';
export { type ExecutionQuery, readRange } from './execution/execution-query.js';
export { type AttemptView, type ExecutionView, showExecution } from './execution/show-execution.js';
export { ExecutionService } from './execution/execution.service.js';
export { type Fate } from './ledger/slot-fate.js';
export { LedgerService, type SlotQuery, type SlotView } from './ledger/ledger.service.js';
export {
  MAX_PREVIEW_COUNT,
  type Preview,
  type PreviewInput,
  ScheduleService,
  type SlotWarning,
} from './schedule/schedule.service.js';
