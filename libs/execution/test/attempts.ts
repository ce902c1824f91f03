import { type JobContext, type JobMode, type JsonObject } from '@ecron/domain';
import { type AttemptRequest } from '../src/executor/executor.js';
import { contextOf, NOW } from './fakes.js';

/** The signal of a caller that never interrupts. */
export const NEVER = new AbortController().signal;

/** A context as it is stored, of any mode; `info` is beside what is always there. */
export function contextWith(
  mode: JobMode,
  exec: string,
  info: JsonObject | Partial<JobContext['info']> = {},
): JobContext {
  const context = contextOf(mode);
  return { ...context, exec, info: { ...context.info, ...info } };
}

/** The second attempt of a slot, with a minute's time. */
export function attemptWith(context: JobContext, own: Partial<AttemptRequest> = {}): AttemptRequest {
  return {
    executeId: 'execute-1',
    jobId: 'job-1',
    tenantId: 'tenant-a',
    slotAt: NOW,
    zone: 'Asia/Shanghai',
    attempt: 2,
    epoch: 3,
    context,
    completion: 'auto',
    timeoutMs: 60_000,
    webhookPath: '/hook/execute-1',
    ...own,
  };
}
