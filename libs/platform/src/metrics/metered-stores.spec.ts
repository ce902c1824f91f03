import { type SlotPlan } from '@ecron/domain';
import { RunStore } from '@ecron/execution';
import { ExecutionStore } from '@ecron/jobs';
import { Metrics } from '@ecron/observability';
import { ClaimStore, RecoveryStore, WaitingStore } from '@ecron/scheduling';
import { type DynamicModule, type ValueProvider } from '@nestjs/common';
import { meterStores } from './metered-stores.js';

class Stores {}

type AbstractType<T> = abstract new (...args: never[]) => T;

describe('a counted store', () => {
  let metrics: Metrics;
  beforeEach(() => void (metrics = new Metrics('')));

  function metered<T extends object>(provide: AbstractType<T>, store: Partial<T>): T {
    const module: DynamicModule = { module: Stores, providers: [{ provide, useValue: store }] };
    const [provider] = meterStores(module, metrics).providers ?? [];
    return (provider as ValueProvider<T>).useValue;
  }
  const counts = async (): Promise<Record<string, number>> => {
    const lines = (await metrics.text())
      .split('\n')
      .filter((line) => /^ecron_.*(_total|})? [1-9]/.test(line));
    const entries = lines.filter((line) => /_total[ {]/.test(line)).map((line) => line.split(' '));
    return Object.fromEntries(entries.map(([name = '', value]) => [name, Number(value)]));
  };

  it('answers as it did, in what is counted and in what is not', async () => {
    const isAnyDue = async () => true;
    const store = metered(ClaimStore, { isAnyDue, claimDue: async () => ({ jobs: 2, held: [] }) });
    expect(await store.isAnyDue(0)).toBe(true);
    const request = { plan: () => plan([]) } as unknown as Parameters<ClaimStore['claimDue']>[0];
    expect(await store.claimDue(request)).toEqual({ jobs: 2, held: [] });
    expect(await counts()).toEqual({ ecron_claims_total: 2 });
  });

  const plan = (counted: (number | null)[]): SlotPlan & { maxAttempts: number } => ({
    rows: counted.map((count) => ({ kind: 'missed', slotAt: 0, slotTo: 1, count, reason: '' })),
    nextSlotAt: null,
    maxAttempts: 1,
  });

  it('counts missed slots of a claim once, though its transaction is carried out anew', async () => {
    const store = metered(ClaimStore, {
      claimDue: async (request) => {
        for (const jobId of ['a', 'b', 'a', 'b']) request.plan({ jobId } as never);
        return { jobs: 2, held: [] };
      },
    });
    await store.claimDue({ plan: () => plan([3, null]) } as never);
    expect(await counts()).toEqual({ ecron_claims_total: 2, ecron_slots_missed_total: 6 });
  });

  it('counts slots that are found to be missed later: one by one, or when a long range is counted', async () => {
    const store = metered(WaitingStore, {
      takeUnheld: async ({ judgeLate }) => {
        for (const executeId of ['a', 'b', 'a']) judgeLate({ executeId } as never);
        return [];
      },
      writeCount: async () => undefined,
    });
    await store.takeUnheld({
      judgeLate: ({ executeId }: { executeId: string }) => (executeId === 'a' ? 'missed' : 'run'),
    } as never);
    await store.writeCount('c', 70);
    expect(await counts()).toEqual({ ecron_slots_missed_total: 71 });
  });

  it('counts ends and retries as they were written, not what was given back', async () => {
    const states = { a: 'succeeded', b: 'waiting', c: 'waiting', d: 'interrupted' } as const;
    const store = metered(RunStore, {
      record: async (records) =>
        records.map(({ executeId }) => {
          const state = states[executeId as keyof typeof states];
          return { executeId, jobId: '', state, endedAt: state === 'waiting' ? null : 1 };
        }),
    });
    const record = (executeId: string, state: string, reason = '') =>
      ({ executeId, settlement: { state, reason, endedAt: null } }) as never;
    await store.record([
      record('a', 'succeeded'),
      record('b', 'waiting', 'retry'),
      record('c', 'waiting', 'shutdown'),
      record('d', 'waiting', 'retry'),
    ]);
    expect(await counts()).toEqual({
      'ecron_executions_total{state="succeeded"}': 1,
      'ecron_executions_total{state="interrupted"}': 1,
      ecron_retries_total: 1,
    });
  });

  it('counts overdue callbacks that it was the first to settle', async () => {
    let isFirst = true;
    const store = metered(WaitingStore, { settleAccepted: async () => isFirst });
    await store.settleAccepted({} as never, { state: 'abandoned', reason: '', endedAt: 1 } as never);
    isFirst = false;
    await store.settleAccepted({} as never, { state: 'abandoned', reason: '', endedAt: 1 } as never);
    expect(await counts()).toEqual({ 'ecron_executions_total{state="abandoned"}': 1 });
  });

  it('counts what dead nodes have left, and them', async () => {
    const store = metered(RecoveryStore, {
      settleOrphans: async () => undefined,
      forgetDeparted: async () => ['management'],
    });
    await store.settleOrphans([
      { settlement: { state: 'interrupted', reason: 'node lost', endedAt: 1 } },
    ] as never);
    expect(await store.forgetDeparted([])).toEqual(['management']);
    expect(await counts()).toEqual({
      'ecron_executions_total{state="interrupted"}': 1,
      'ecron_nodes_lost_total{role="management"}': 1,
    });
  });

  it.each([
    ['ended', 1],
    ['already final', undefined],
    ['unknown', undefined],
  ] as const)('counts a callback and a cancel by what came of it: %s', async (outcome, count) => {
    const store = metered(ExecutionStore, {
      completeByCallback: async () => outcome,
      cancel: async () => outcome,
    });
    await store.completeByCallback({} as never, 'a', '', {} as never);
    await store.cancel({} as never, 'a', '', {} as never);
    expect((await counts())['ecron_executions_total{state="succeeded"}']).toBe(count);
    expect((await counts())['ecron_executions_total{state="interrupted"}']).toBe(count);
  });

  it('leaves providers alone that are not counted', () => {
    const other = { provide: 'other', useValue: {} };
    expect(meterStores({ module: Stores, providers: [other] }, metrics).providers).toEqual([other]);
  });
});
