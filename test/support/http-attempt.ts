import { Clock, type JobContext } from '@ecron/domain';
import { type AttemptRequest } from '../../libs/execution/src/executor/executor.js';
import {
  HttpExecutor,
  type HttpExecutorOptions,
} from '../../libs/execution/src/executors/http/http.executor.js';

/** The signal of a caller that never interrupts. */
export const NEVER = new AbortController().signal;

export const NOW = Date.parse('2026-11-24T01:00:00Z');

class StoppedClock extends Clock {
  override now(): number {
    return NOW;
  }
}

const executors: HttpExecutor[] = [];

export function createExecutor(options: Partial<HttpExecutorOptions> = {}): HttpExecutor {
  const executor = new HttpExecutor({ version: '1.2.3', ...options }, new StoppedClock());
  executors.push(executor);
  return executor;
}

export async function closeExecutors(): Promise<void> {
  await Promise.all(executors.splice(0).map((executor) => executor.close()));
}

/** An attempt at a URL; `info` holds what differs from an empty one, `rest` likewise. */
export function attemptOf(
  exec: string,
  info: Partial<JobContext['info']> = {},
  rest: Partial<AttemptRequest> = {},
): AttemptRequest {
  const empty = { method: '', params: null, headers: null, body: null, kubernetes: null };
  return {
    executeId: 'execute-1',
    jobId: 'job-1',
    tenantId: 'tenant-a',
    slotAt: NOW,
    zone: 'Asia/Shanghai',
    attempt: 2,
    epoch: 2,
    context: {
      mode: 'http',
      exec,
      info: { ...empty, ...info },
      notify: { webhook: '' },
      begin_at: '',
      end_at: '',
      execute_id: '',
    },
    completion: 'auto',
    timeoutMs: 60_000,
    webhookPath: '/hook/execute-1',
    ...rest,
  };
}
