import { openSecrets, type Outcome, type Policy, type Sealer, UnopenableSecretError } from '@ecron/domain';
import { type AttemptRequest, type Executor } from '../executor/executor.js';
import { executorModeOf } from '../executor/executor-mode.js';
import { refuse } from '../executor/refuse.js';
import { type StartedRun } from '../ports/run.store.js';

/** What the target and its executor get to know of a run; no time is left over for more than the total allows. */
export function toAttempt(
  run: StartedRun,
  policy: Policy,
  webhookPath: string,
  traceparent?: string,
): AttemptRequest {
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
    webhookPath,
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** Carries an attempt out, its secrets opened for its executor alone; an executor that throws has failed the attempt, and says so in the log only. */
export async function carryOut(
  executor: Executor | undefined,
  sealer: Sealer,
  attempt: AttemptRequest,
  signal: AbortSignal,
  onDefect: (error: unknown) => void,
): Promise<Outcome> {
  const mode = executorModeOf(attempt.context);
  if (executor === undefined) return refuse('unsupported mode', `no executor for mode "${mode}"`);
  try {
    const context = openSecrets(attempt.context, attempt.tenantId, sealer);
    return await executor.run({ ...attempt, context }, signal);
  } catch (error) {
    if (error instanceof UnopenableSecretError) return unopenable(error);
    onDefect(error);
    return { kind: 'failed', retryable: true, error: `the executor of mode "${mode}" failed`, result: null };
  }
}

/** A node that has the key may follow. */
const unopenable = ({ message }: UnopenableSecretError): Outcome => ({
  kind: 'failed',
  retryable: true,
  error: message,
  result: null,
});
