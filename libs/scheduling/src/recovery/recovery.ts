import {
  type Clock,
  type PolicyDefaults,
  resolvePolicy,
  settleNodeLost,
  type Settlement,
} from '@ecron/domain';
import { type NodeSet, type OrphanedRun, type RecoveryStore } from '../ports/recovery.store.js';

const ROWS_PER_STEP = 128;

/**
 * Takes over from predecessors that are known to be dead (in the standalone process the lock on the data folder
 * says so): what they ran is retried or interrupted, what they held is free again. Resolves with how many runs
 * were cut. Re-runnable: stopped half-way, the next call goes on.
 */
export async function takeOver(
  store: RecoveryStore,
  clock: Clock,
  defaults: PolicyDefaults,
  living: readonly string[] = [],
): Promise<number> {
  const cut = await settleRunsOf({ allBut: living }, store, clock, defaults);
  await store.forgetNodes(living);
  return cut;
}

/** What dead nodes ran is retried or interrupted. Resolves with how many runs. Harmless where others do the same. */
export async function settleRunsOf(
  nodes: NodeSet,
  store: RecoveryStore,
  clock: Clock,
  defaults: PolicyDefaults,
): Promise<number> {
  let cut = 0;
  for (let more = true; more;) {
    const orphans = await store.findOrphans(nodes, ROWS_PER_STEP);
    const now = clock.now();
    await store.settleOrphans(orphans.map((run) => ({ run, settlement: settle(run, defaults, now) })));
    cut += orphans.length;
    more = orphans.length === ROWS_PER_STEP;
  }
  return cut;
}

function settle(run: OrphanedRun, defaults: PolicyDefaults, now: number): Settlement {
  const settlement = settleNodeLost(run, resolvePolicy(run.policy, run.mode, defaults), now);
  if (run.cancelReason === null) return settlement;
  return { ...settlement, state: 'interrupted', reason: run.cancelReason, endedAt: now, dueAt: null };
}
