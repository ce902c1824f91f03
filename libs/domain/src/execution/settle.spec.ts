import fc from 'fast-check';
import { type PolicySettings } from '../job/job.js';
import { CLUSTER_COMMAND, resolvePolicy } from '../policy/policy.js';
import { type Outcome } from './outcome.js';
import {
  isGivenBack,
  type RunningAttempt,
  settleAttempt,
  settleNodeLost,
  settleOverdueCallback,
  settleShutdown,
} from './settle.js';
import { mayMove } from '../../test/support/may-move.js';
import { isFinal } from './state.js';

const NOW = 1_800_000_000_000;
const RUN: RunningAttempt = { attempt: 1, nodeId: 'node', begunAt: NOW - 40, startedAt: NOW - 40 };
const LAST: RunningAttempt = { ...RUN, attempt: 3 };

const policyWith = (own: PolicySettings = {}, mode = 'http') =>
  resolvePolicy({ retry: { jitter: false }, ...own }, mode, { maxAttempts: 3, completion: 'auto' });
const settle = (outcome: Outcome, run = RUN, own: PolicySettings = {}) =>
  settleAttempt(run, outcome, policyWith(own), NOW, 0);

const succeeded: Outcome = { kind: 'succeeded', statusCode: 200, result: '{"rows":3}' };
const accepted: Outcome = { kind: 'accepted', statusCode: 202, result: null };
const failed: Outcome = {
  kind: 'failed',
  retryable: true,
  statusCode: 500,
  error: 'answered 500',
  result: '"x"',
};
const timedOut: Outcome = { kind: 'timedOut', error: 'no answer in 60 s' };
const interrupted: Outcome = { kind: 'interrupted', error: 'cancelled' };
const hopeless: Outcome = { kind: 'failed', retryable: false, error: 'refused', result: null };

describe('the entry of an attempt', () => {
  it('has the head of the answer where one was kept', () => {
    const headers = { 'x-request-id': 'r-1' };
    expect(settle({ ...failed, headers }).entry).toMatchObject({
      status_code: 500,
      response_headers: headers,
    });
    expect(settle(failed).entry).not.toHaveProperty('response_headers');
  });
});

describe('what an outcome makes of the execution', () => {
  it.each<[string, Outcome, RunningAttempt, object]>([
    ['a success ends it', succeeded, RUN, { state: 'succeeded', reason: '', endedAt: NOW, dueAt: null }],
    [
      'accepted work waits for its callback',
      accepted,
      RUN,
      { state: 'accepted', reason: '', endedAt: null, dueAt: NOW + 3_600_000 },
    ],
    [
      'an abort ends it',
      interrupted,
      RUN,
      { state: 'interrupted', reason: 'cancelled', endedAt: NOW, dueAt: null },
    ],
    [
      'a failure waits for its retry',
      failed,
      RUN,
      { state: 'waiting', reason: 'retry', endedAt: null, dueAt: NOW + 5_000 },
    ],
    [
      'so does a time-out',
      timedOut,
      RUN,
      { state: 'waiting', reason: 'retry', endedAt: null, dueAt: NOW + 5_000 },
    ],
    [
      'the last failure abandons it',
      failed,
      LAST,
      { state: 'abandoned', reason: '', endedAt: NOW, dueAt: null },
    ],
    ['the last time-out too', timedOut, LAST, { state: 'abandoned', reason: '', endedAt: NOW, dueAt: null }],
    [
      'what no retry can mend fails it',
      hopeless,
      RUN,
      { state: 'failed', reason: '', endedAt: NOW, dueAt: null },
    ],
  ])('%s', (_, outcome, run, expected) => {
    expect(settle(outcome, run)).toMatchObject(expected);
  });

  it.each(['unsupported mode', 'bad target'] as const)('says %s where that is why it failed', (reason) => {
    expect(settle({ ...hopeless, reason })).toMatchObject({ state: 'failed', reason });
  });

  it('says total timeout where no retry fits in any more', () => {
    const run = { ...RUN, begunAt: NOW - 9_000 };
    expect(settle(failed, run, { total_timeout_s: 10, retry: { jitter: false } })).toMatchObject({
      state: 'abandoned',
      reason: 'total timeout',
    });
  });

  it('waits for a callback no longer than the total time-out allows', () => {
    expect(settle(accepted, RUN, { total_timeout_s: 10 }).dueAt).toBe(RUN.begunAt + 10_000);
  });

  it('honours what the target asked for by Retry-After', () => {
    expect(settle({ ...failed, retryAfterMs: 30_000 }).dueAt).toBe(NOW + 30_000);
  });
});

describe('the entry of an attempt', () => {
  it('tells who ran it, when, how it ended and what the target said', () => {
    expect(settle(failed, { ...RUN, attempt: 2 }).entry).toEqual({
      attempt: 2,
      node_id: 'node',
      started_at: RUN.startedAt,
      ended_at: NOW,
      outcome: 'failed',
      status_code: 500,
      error: 'answered 500',
    });
  });

  it('tells what a command ended with', () => {
    const exits = (exitCode: number, outcome: Outcome) => settle({ ...outcome, exitCode } as Outcome).entry;
    expect(exits(0, { kind: 'succeeded', result: null })).toMatchObject({ exit_code: 0 });
    expect(exits(3, failed)).toMatchObject({ exit_code: 3 });
  });

  it('has neither status nor error where there is none', () => {
    const entry = settle({ kind: 'succeeded', result: null }).entry;
    expect(Object.keys(entry)).toEqual(['attempt', 'node_id', 'started_at', 'ended_at', 'outcome']);
  });

  it.each<[Outcome, string]>([
    [succeeded, 'succeeded'],
    [accepted, 'accepted'],
    [failed, 'failed'],
    [timedOut, 'timed_out'],
    [interrupted, 'interrupted'],
  ])('of %j says %s', (outcome, word) => {
    expect(settle(outcome).entry.outcome).toBe(word);
  });

  it('keeps a thousand characters of an error', () => {
    const { entry, error } = settle({ kind: 'timedOut', error: 'x'.repeat(5_000) });
    expect([entry.error?.length, error.length]).toEqual([1_000, 1_000]);
  });
});

describe('what is kept of an answer', () => {
  it.each<[Outcome, string | null, string]>([
    [succeeded, '{"rows":3}', ''],
    [failed, '"x"', 'answered 500'],
    [timedOut, null, 'no answer in 60 s'],
  ])('of %j is its result and its error', (outcome, result, error) => {
    expect(settle(outcome)).toMatchObject({ result, error });
  });
});

describe('an attempt that its node gave up', () => {
  it.each(['http', 'https'] as const)('to shut down waits at once for another node in mode %s', (mode) => {
    expect(settleShutdown(LAST, policyWith({}, mode), NOW)).toMatchObject({
      state: 'waiting',
      reason: 'shutdown',
      dueAt: NOW,
      endedAt: null,
      entry: { attempt: 3, outcome: 'shutdown' },
    });
  });

  it('to shut down is interrupted where it was a command', () => {
    expect(settleShutdown(RUN, policyWith({}, 'exe'), NOW)).toMatchObject({
      state: 'interrupted',
      reason: 'shutdown',
      dueAt: null,
      endedAt: NOW,
    });
  });

  it('by dying is tried again without a backoff', () => {
    expect(settleNodeLost(RUN, policyWith(), NOW)).toMatchObject({
      state: 'waiting',
      reason: 'node lost',
      dueAt: NOW,
      entry: { outcome: 'node_lost' },
    });
  });

  it.each([RUN, LAST])(
    'by dying is left to be found again where its work lives on, and not counted',
    (run) => {
      const settled = settleNodeLost(run, policyWith({}, CLUSTER_COMMAND), NOW);
      expect(settled).toMatchObject({
        state: 'waiting',
        reason: 're-attach',
        dueAt: NOW,
        entry: { outcome: 'node_lost' },
      });
      expect(isGivenBack(settled)).toBe(true);
    },
  );

  it('by shutting down is left to be found again where its work lives on', () => {
    const settled = settleShutdown(RUN, policyWith({}, CLUSTER_COMMAND), NOW);
    expect(settled).toMatchObject({ state: 'waiting', reason: 're-attach', entry: { outcome: 'shutdown' } });
    expect(isGivenBack(settled)).toBe(true);
  });

  it.each([
    ['http', 'interrupt', 'interrupted'],
    ['exe', 'retry', 'waiting'],
    [CLUSTER_COMMAND, 'interrupt', 'waiting'],
  ] as const)('by dying in mode %s does what its policy says, %s: it is %s', (mode, node_lost, state) => {
    expect(settleNodeLost(RUN, policyWith({ node_lost }, mode), NOW).state).toBe(state);
  });

  it('by dying is counted where it is tried again', () => {
    expect(isGivenBack(settleNodeLost(RUN, policyWith(), NOW))).toBe(false);
    expect(isGivenBack(settleShutdown(RUN, policyWith(), NOW))).toBe(true);
  });

  it.each([
    ['as its last one', LAST, 'http' as const],
    ['as a command', RUN, 'exe' as const],
  ])('by dying is interrupted %s', (_, run, mode) => {
    expect(settleNodeLost(run, policyWith({}, mode), NOW)).toMatchObject({
      state: 'interrupted',
      reason: 'node lost',
      endedAt: NOW,
      dueAt: null,
    });
  });
});

describe('a callback that did not come in time', () => {
  const overdue = (run: RunningAttempt, own: PolicySettings = {}) =>
    settleOverdueCallback(run, policyWith(own), NOW, 0);

  it('is a failed attempt that is retried', () => {
    expect(overdue(RUN)).toEqual({
      state: 'waiting',
      reason: 'callback timeout',
      endedAt: null,
      dueAt: NOW + 5_000,
    });
  });

  it('abandons the run after its last attempt', () => {
    expect(overdue(LAST)).toMatchObject({ state: 'abandoned', reason: 'callback timeout', endedAt: NOW });
  });

  it('says total timeout where that is what ended it', () => {
    expect(overdue({ ...RUN, begunAt: NOW - 10_000 }, { total_timeout_s: 10 })).toMatchObject({
      state: 'abandoned',
      reason: 'total timeout',
    });
  });
});

describe('every settlement', () => {
  const runs = fc.record({
    attempt: fc.integer({ min: 1, max: 4 }),
    nodeId: fc.constant('node'),
    begunAt: fc.integer({ min: NOW - 100_000_000, max: NOW }),
    startedAt: fc.constant(NOW),
  });
  const outcomes = fc.constantFrom(succeeded, accepted, failed, timedOut, interrupted, hopeless);
  const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const modes = fc.constantFrom('http', 'exe', CLUSTER_COMMAND);

  it('moves along an edge, has an end where it is final and a next instant where it is not', () => {
    fc.assert(
      fc.property(runs, outcomes, modes, chances, (run, outcome, mode, random) => {
        const policy = policyWith({ retry: {} }, mode);
        const fromRunning = [
          settleAttempt(run, outcome, policy, NOW, random),
          settleNodeLost(run, policy, NOW),
          settleShutdown(run, policy, NOW),
        ];
        const fromAccepted = settleOverdueCallback(run, policy, NOW, random);
        expect(fromRunning.every(({ state }) => mayMove('running', state))).toBe(true);
        expect(mayMove('accepted', fromAccepted.state)).toBe(true);
        for (const { state, endedAt, dueAt } of [...fromRunning, fromAccepted]) {
          expect([endedAt !== null, dueAt === null]).toEqual([isFinal(state), isFinal(state)]);
        }
      }),
      { seed: 20_261_129, numRuns: 300 },
    );
  });
});
