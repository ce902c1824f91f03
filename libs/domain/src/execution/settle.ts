import { decideRetry } from '../policy/retry.js';
import { type JobMode } from '../job/job.js';
import { type Policy } from '../policy/policy.js';
import { type Attempt, type AttemptOutcome, type Reason } from './execution.js';
import { type Outcome } from './outcome.js';
import { type ExecutionState } from './state.js';

/** A running attempt, as its node knows it. */
export interface RunningAttempt {
  attempt: number;
  nodeId: string;
  /** Start of the first attempt. */
  begunAt: number;
  startedAt: number;
}

/** What a record writes: the state after an attempt has ended. */
export interface Settlement {
  state: ExecutionState;
  reason: Reason;
  /** Final states only. */
  endedAt: number | null;
  /** A retry's start, or the deadline of a callback. */
  dueAt: number | null;
  entry: Attempt;
  result: string | null;
  error: string;
}

/** How much of an error text is kept. */
const MAX_ERROR_CHARS = 1000;

/**
 * Decides what an outcome makes of the execution. Pure: the same facts give the same row.
 * @param random in [0, 1), for the retry's jitter
 */
export function settleAttempt(
  run: RunningAttempt,
  outcome: Outcome,
  policy: Policy,
  now: number,
  random: number,
): Settlement {
  const base = { entry: entryOf(run, outcome, now), result: resultOf(outcome), error: errorOf(outcome) };
  switch (outcome.kind) {
    case 'succeeded':
      return { ...base, state: 'succeeded', reason: '', endedAt: now, dueAt: null };
    case 'accepted':
      return {
        ...base,
        state: 'accepted',
        reason: '',
        endedAt: null,
        dueAt: callbackDeadline(run, policy, now),
      };
    case 'interrupted':
      return { ...base, state: 'interrupted', reason: 'cancelled', endedAt: now, dueAt: null };
    case 'failed':
    case 'timedOut':
      return { ...base, ...settleFailure(run, outcome, policy, now, random) };
    default:
      return outcome satisfies never;
  }
}

/** An accepted run whose callback is overdue: a failed attempt like any other. */
export function settleOverdueCallback(
  run: RunningAttempt,
  policy: Policy,
  now: number,
  random: number,
): Pick<Settlement, 'state' | 'reason' | 'endedAt' | 'dueAt'> {
  const settled = settleFailure(run, { kind: 'timedOut', error: '' }, policy, now, random);
  return settled.reason === 'total timeout' ? settled : { ...settled, reason: 'callback timeout' };
}

function settleFailure(
  run: RunningAttempt,
  outcome: Extract<Outcome, { kind: 'failed' | 'timedOut' }>,
  policy: Policy,
  now: number,
  random: number,
): Pick<Settlement, 'state' | 'reason' | 'endedAt' | 'dueAt'> {
  const facts = outcome.kind === 'failed' ? outcome : { retryable: true };
  const decision = decideRetry({ ...run, ...facts }, policy, now, random);
  if (decision.kind === 'retry') {
    return { state: 'waiting', reason: 'retry', endedAt: null, dueAt: decision.notBefore };
  }
  const reason = (outcome.kind === 'failed' ? outcome.reason : undefined) ?? decision.reason;
  return { state: decision.state, reason, endedAt: now, dueAt: null };
}

/**
 * An attempt that its node gave up to shut down. Where the mode may be tried again (HTTP) it goes back to
 * waiting at once and the attempt is given back; a command is interrupted.
 */
export function settleShutdown(run: RunningAttempt, mode: JobMode, now: number): Settlement {
  return settleLost(run, mode !== 'exe', 'shutdown', now);
}

/**
 * A running attempt whose node died: tried again without a backoff where the mode may be (HTTP) and attempts
 * are left, else interrupted. The attempt counts: the target may have seen it.
 */
export function settleNodeLost(run: RunningAttempt, mode: JobMode, policy: Policy, now: number): Settlement {
  return settleLost(run, mode !== 'exe' && run.attempt < policy.retry.maxAttempts, 'node lost', now);
}

function settleLost(
  run: RunningAttempt,
  isRetried: boolean,
  reason: 'shutdown' | 'node lost',
  now: number,
): Settlement {
  const outcome: AttemptOutcome = reason === 'shutdown' ? 'shutdown' : 'node_lost';
  return {
    entry: { attempt: run.attempt, node_id: run.nodeId, started_at: run.startedAt, ended_at: now, outcome },
    result: null,
    error: '',
    reason,
    ...(isRetried
      ? { state: 'waiting', endedAt: null, dueAt: now }
      : { state: 'interrupted', endedAt: now, dueAt: null }),
  };
}

function callbackDeadline(run: RunningAttempt, policy: Policy, now: number): number {
  return Math.min(now + policy.callbackTimeoutMs, run.begunAt + policy.totalTimeoutMs);
}

const ATTEMPT_OUTCOME: Record<Outcome['kind'], AttemptOutcome> = {
  succeeded: 'succeeded',
  accepted: 'accepted',
  failed: 'failed',
  timedOut: 'timed_out',
  interrupted: 'interrupted',
};

function entryOf(run: RunningAttempt, outcome: Outcome, now: number): Attempt {
  const error = errorOf(outcome);
  return {
    attempt: run.attempt,
    node_id: run.nodeId,
    started_at: run.startedAt,
    ended_at: now,
    outcome: ATTEMPT_OUTCOME[outcome.kind],
    ...('statusCode' in outcome && outcome.statusCode !== undefined
      ? { status_code: outcome.statusCode }
      : {}),
    ...(error === '' ? {} : { error }),
  };
}

const resultOf = (outcome: Outcome): string | null => ('result' in outcome ? outcome.result : null);
const errorOf = (outcome: Outcome): string =>
  'error' in outcome ? outcome.error.slice(0, MAX_ERROR_CHARS) : '';
