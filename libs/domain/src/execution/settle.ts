import { decideRetry } from '../policy/retry.js';
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

/** What ended an attempt that its target had taken. */
export type AcceptedEnd = Pick<Attempt, 'ended_at' | 'outcome' | 'error'>;

/** The entries with that of an accepted attempt closed; what has ended otherwise stays as it is. */
export function closeAccepted(attempts: readonly Attempt[], attempt: number, end: AcceptedEnd): Attempt[] {
  return attempts.map((entry) =>
    entry.attempt === attempt && entry.outcome === 'accepted' ? { ...entry, ...end } : entry,
  );
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
 * An attempt that its node gave up to shut down. Where the policy allows it goes back to waiting at once and is
 * given back; else (a command) it is interrupted.
 */
export function settleShutdown(run: RunningAttempt, { nodeLost }: Policy, now: number): Settlement {
  return settleLost(run, 'shutdown', whyWaiting(nodeLost, 'shutdown'), now);
}

/**
 * A running attempt whose node died: tried again without a backoff where the policy allows and attempts are left,
 * else interrupted. The attempt counts, as the target may have seen it; but one whose work lives on is given back, for
 * another node to go on with.
 */
export function settleNodeLost(run: RunningAttempt, { nodeLost, retry }: Policy, now: number): Settlement {
  const isSpent = nodeLost === 'retry' && run.attempt >= retry.maxAttempts;
  return settleLost(run, 'node lost', isSpent ? null : whyWaiting(nodeLost, 'node lost'), now);
}

/** Whether the attempt is not counted, so that the next start has its number again. */
export function isGivenBack({ state, reason }: Pick<Settlement, 'state' | 'reason'>): boolean {
  return state === 'waiting' && (reason === 'shutdown' || reason === 're-attach');
}

type LostReason = 'shutdown' | 'node lost';

/** Null: it does not wait for another start. */
function whyWaiting(nodeLost: Policy['nodeLost'], reason: LostReason): Reason | null {
  if (nodeLost === 'interrupt') return null;
  return nodeLost === 'retry' ? reason : 're-attach';
}

function settleLost(
  run: RunningAttempt,
  reason: LostReason,
  waitingFor: Reason | null,
  now: number,
): Settlement {
  const outcome: AttemptOutcome = reason === 'shutdown' ? 'shutdown' : 'node_lost';
  const entry = {
    attempt: run.attempt,
    node_id: run.nodeId,
    started_at: run.startedAt,
    ended_at: now,
    outcome,
  };
  return waitingFor === null
    ? { entry, result: null, error: '', state: 'interrupted', reason, endedAt: now, dueAt: null }
    : { entry, result: null, error: '', state: 'waiting', reason: waitingFor, endedAt: null, dueAt: now };
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
    ...('exitCode' in outcome && outcome.exitCode !== undefined ? { exit_code: outcome.exitCode } : {}),
    ...('headers' in outcome && outcome.headers !== undefined ? { response_headers: outcome.headers } : {}),
    ...(error === '' ? {} : { error }),
  };
}

const resultOf = (outcome: Outcome): string | null => ('result' in outcome ? outcome.result : null);
const errorOf = (outcome: Outcome): string =>
  'error' in outcome ? outcome.error.slice(0, MAX_ERROR_CHARS) : '';
