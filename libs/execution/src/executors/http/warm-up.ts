import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type JobContext } from '@ecron/domain';
import { type AttemptRequest, type Executor } from '../../executor/executor.js';

/** Enough for the engine to compile what each run goes through; some 100 ms. */
const ROUNDS = 10;
const AT_ONCE = 32;

/**
 * Runs attempts against a target of its own on loopback, which is gone afterwards: else the first runs of a new process
 * would be late by the time that loading and compiling takes.
 */
export async function warmUp(executor: Executor): Promise<void> {
  const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const attempt = trialOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => executor.run(attempt, NEVER)));
    }
  } finally {
    await executor.close?.();
    server.close();
  }
}

const NEVER = new AbortController().signal;

function trialOf(exec: string): AttemptRequest {
  const info = { method: 'POST', params: null, headers: null, body: null, kubernetes: null };
  const context: JobContext = {
    mode: 'http',
    exec,
    info,
    notify: { webhook: '' },
    begin_at: '',
    end_at: '',
    execute_id: '',
  };
  return {
    executeId: 'warm-up',
    jobId: 'warm-up',
    tenantId: '',
    slotAt: 0,
    zone: 'UTC',
    attempt: 1,
    epoch: 1,
    context,
    completion: 'response',
    timeoutMs: 1_000,
    webhookPath: '/',
  };
}
