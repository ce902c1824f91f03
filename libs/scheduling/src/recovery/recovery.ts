import {
  type Clock,
  type PolicyDefaults,
  resolvePolicy,
  settleNodeLost,
  type Settlement,
} from '@ecron/domain';
import { Logger } from '@nestjs/common';
import { BadRows } from '../bad-rows.js';
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
  const bad = new BadRows(new Logger('Recovery'));
  const cut = await settleRunsOf({ allBut: living }, { store, clock, defaults, bad });
  await store.forgetNodes(living);
  return cut;
}

/** What runs of dead nodes are settled by. */
export interface RecoveryMeans {
  store: RecoveryStore;
  clock: Clock;
  defaults: PolicyDefaults;
  /** Hears of runs that cannot be settled. */
  bad: BadRows;
}

type SettledRun = Parameters<RecoveryStore['settleOrphans']>[0][number];

/**
 * What dead nodes ran is retried or interrupted. Resolves with how many runs. Harmless where others do the same. A run
 * that cannot be settled is passed over.
 */
export async function settleRunsOf(nodes: NodeSet, means: RecoveryMeans): Promise<number> {
  const { store, bad } = means;
  let cut = 0;
  for (let more = true; more;) {
    const known = bad.size;
    const limit = ROWS_PER_STEP + known;
    const orphans = await store.findOrphans(nodes, limit);
    const written = await write(judge(orphans, means), means);
    cut += written;
    more = orphans.length === limit && (written > 0 || bad.size > known);
  }
  return cut;
}

function judge(orphans: readonly OrphanedRun[], { clock, defaults, bad }: RecoveryMeans): SettledRun[] {
  const now = clock.now();
  return orphans.flatMap((run) => {
    try {
      return [{ run, settlement: settle(run, defaults, now) }];
    } catch (error) {
      bad.tell(`execution ${run.executeId}`, String(error));
      return [];
    }
  });
}

/** Where not all can be written together, each is by itself. Resolves with how many were. */
async function write(settled: readonly SettledRun[], { store, bad }: RecoveryMeans): Promise<number> {
  const refused = await refusalOf(store, settled);
  if (refused === null) return settled.length;
  let written = 0;
  for (const one of settled) {
    const fault = await refusalOf(store, [one]);
    if (fault === null) written++;
    else bad.tell(`execution ${one.run.executeId}`, fault);
  }
  return written;
}

/** Why the database does not take these; null: it has. @throws where it takes nothing at all */
async function refusalOf(store: RecoveryStore, settled: readonly SettledRun[]): Promise<string | null> {
  try {
    await store.settleOrphans(settled);
    return null;
  } catch (error) {
    await store.settleOrphans([]);
    return String(error);
  }
}

function settle(run: OrphanedRun, defaults: PolicyDefaults, now: number): Settlement {
  const settlement = settleNodeLost(run, resolvePolicy(run.policy, run.mode, defaults), now);
  if (run.cancelReason === null) return settlement;
  return { ...settlement, state: 'interrupted', reason: run.cancelReason, endedAt: now, dueAt: null };
}
