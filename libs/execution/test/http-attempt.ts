import { type JobContext } from '@ecron/domain';
import { type AttemptRequest } from '../src/executor/executor.js';
import { HttpExecutor, type HttpExecutorOptions } from '../src/executors/http/http.executor.js';
import { attemptWith, contextWith } from './attempts.js';
import { stillClock } from './fakes.js';

export { NEVER } from './attempts.js';
export { NOW } from './fakes.js';

const executors: HttpExecutor[] = [];

export function createExecutor(options: Partial<HttpExecutorOptions> = {}): HttpExecutor {
  const executor = new HttpExecutor({ version: '1.2.3', ...options }, stillClock());
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
  return attemptWith(contextWith('http', exec, info), rest);
}
