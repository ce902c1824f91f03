import { isGivenBack, type Settlement } from '@ecron/domain';
import { RunStore } from '@ecron/execution';
import { ExecutionStore } from '@ecron/jobs';
import { type Metrics } from '@ecron/observability';
import { ClaimStore, RecoveryStore, WaitingStore } from '@ecron/scheduling';
import { type DynamicModule, type Provider, type ValueProvider } from '@nestjs/common';

/** How a store is counted: methods that stand in for its own. */
const METERS = new Map<unknown, (store: never, metrics: Metrics) => object>([
  [ClaimStore, meterClaims],
  [WaitingStore, meterWaiting],
  [RunStore, meterRuns],
  [RecoveryStore, meterRecovery],
  [ExecutionStore, meterExecutions],
]);

/** The same stores, counted where they are asked: whoever asks them knows nothing of it. */
export function meterStores(persistence: DynamicModule, metrics: Metrics): DynamicModule {
  const providers = persistence.providers?.map((provider) => meter(provider, metrics)) ?? [];
  return { ...persistence, providers };
}

function meter(provider: Provider, metrics: Metrics): Provider {
  const { provide, useValue } = provider as ValueProvider<object>;
  const methods = METERS.get(provide)?.(useValue as never, metrics);
  return methods === undefined ? provider : { provide, useValue: standIn(useValue, methods) };
}

const standIn = (store: object, methods: object): object =>
  Object.assign(Object.create(store) as object, methods);

function meterClaims(store: ClaimStore, metrics: Metrics): Pick<ClaimStore, 'claimDue'> {
  return {
    claimDue: async (request) => {
      // By job: a transaction that is carried out anew plans anew.
      const missed = new Map<string, number>();
      const claim = await store.claimDue({
        ...request,
        plan: (job) => {
          const plan = request.plan(job);
          const late = plan.rows.filter((row) => row.kind === 'missed');
          missed.set(
            job.jobId,
            late.reduce((sum, row) => sum + (row.count ?? 0), 0),
          );
          return plan;
        },
      });
      metrics.claimed(claim.jobs);
      for (const count of missed.values()) metrics.slotsMissed(count);
      return claim;
    },
  };
}

type Waiting = Pick<WaitingStore, 'takeUnheld' | 'settleAccepted' | 'writeCount'>;

function meterWaiting(store: WaitingStore, metrics: Metrics): Waiting {
  return {
    takeUnheld: async (request) => {
      const missed = new Set<string>();
      const taken = await store.takeUnheld({
        ...request,
        judgeLate: (row) => {
          const verdict = request.judgeLate(row);
          if (verdict === 'missed') missed.add(row.executeId);
          return verdict;
        },
      });
      metrics.slotsMissed(missed.size);
      return taken;
    },
    settleAccepted: async (overdue, settlement) => {
      const isFirst = await store.settleAccepted(overdue, settlement);
      if (isFirst) countSettlement(metrics, settlement);
      return isFirst;
    },
    writeCount: async (executeId, count) => {
      await store.writeCount(executeId, count);
      metrics.slotsMissed(count);
    },
  };
}

function meterRuns(store: RunStore, metrics: Metrics): Pick<RunStore, 'record'> {
  return {
    record: async (records) => {
      const written = await store.record(records);
      const toRetry = records.filter(({ settlement }) => isRetry(settlement)).map((r) => r.executeId);
      const retried = toRetry.length === 0 ? null : new Set(toRetry);
      for (const { executeId, state, endedAt } of written) {
        if (endedAt !== null) metrics.ended(state);
        else if (state === 'waiting' && retried?.has(executeId) === true) metrics.retried();
      }
      return written;
    },
  };
}

function meterRecovery(
  store: RecoveryStore,
  metrics: Metrics,
): Pick<RecoveryStore, 'settleOrphans' | 'forgetDeparted'> {
  return {
    settleOrphans: async (settled) => {
      await store.settleOrphans(settled);
      for (const { settlement } of settled) countSettlement(metrics, settlement);
    },
    forgetDeparted: async (departed) => {
      const lost = await store.forgetDeparted(departed);
      for (const role of lost) metrics.nodeLost(role);
      return lost;
    },
  };
}

function meterExecutions(
  store: ExecutionStore,
  metrics: Metrics,
): Pick<ExecutionStore, 'completeByCallback' | 'cancel'> {
  return {
    completeByCallback: async (...asked) => {
      const outcome = await store.completeByCallback(...asked);
      if (outcome === 'ended') metrics.ended('succeeded');
      return outcome;
    },
    cancel: async (...asked) => {
      const outcome = await store.cancel(...asked);
      if (outcome === 'ended') metrics.ended('interrupted');
      return outcome;
    },
  };
}

type End = Pick<Settlement, 'state' | 'reason' | 'endedAt'>;

function countSettlement(metrics: Metrics, settlement: End): void {
  if (settlement.endedAt !== null) metrics.ended(settlement.state);
  else if (isRetry(settlement)) metrics.retried();
}

const isRetry = (settlement: End): boolean => settlement.state === 'waiting' && !isGivenBack(settlement);
