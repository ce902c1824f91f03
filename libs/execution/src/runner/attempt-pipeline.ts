import { type Outcome, type Policy } from '@ecron/domain';
import { type AttemptRequest, type Executor } from '../executor/executor.js';
import { executorModeOf } from '../executor/executor-mode.js';
import { refuse } from '../executor/refuse.js';
import { type StartedRun } from '../ports/run.store.js';

/** What the target and its executor get to know of a run; no time is left over for more than the total allows. */
export function toAttempt(run: StartedRun, policy: Policy, webhook: string): AttemptRequest {
  const leftMs = run.begunAt + policy.totalTimeoutMs - run.startedAt;
  return {
    executeId: run.executeId,
    jobId: run.jobId,
    tenantId: run.tenantId,
    slotAt: run.slotAt,
    zone: run.zone,
    attempt: run.attempt,
    epoch: run.epoch,
    context: run.context,
    completion: policy.completion,
    timeoutMs: Math.max(1, Math.min(policy.timeoutMs, leftMs)),
    webhookPath: `${webhook}/${run.executeId}`,
  };
}

/** Carries an attempt out; an executor that throws has failed the attempt, and says so in the log only. */
export async function carryOut(
  executor: Executor | undefined,
  attempt: AttemptRequest,
  signal: AbortSignal,
  onDefect: (error: unknown) => void,
): Promise<Outcome> {
  const mode = executorModeOf(attempt.context);
  if (executor === undefined) return refuse('unsupported mode', `no executor for mode "${mode}"`);
  try {
    return await executor.run(attempt, signal);
  } catch (error) {
    onDefect(error);
    return { kind: 'failed', retryable: true, error: `the executor of mode "${mode}" failed`, result: null };
  }
}
