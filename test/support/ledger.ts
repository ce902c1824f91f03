import { type Api } from './api.js';
import { inParallel } from './eventually.js';
import { rfc3339 } from './jobs.js';
import { type SlotView } from './shapes.js';
import { type Arrival } from './target.js';

/** Fates that a slot may end with; anything else after the drain is unfinished or lost. */
const SETTLED = new Set(['succeeded', 'failed', 'abandoned', 'interrupted', 'skipped', 'missed']);
/** Fates that promise that the target was never called. */
const NEVER_STARTED = new Set(['skipped', 'missed']);

/** What one job's slots of a window came to. */
export interface JobLedger {
  jobId: string;
  slots: SlotView[];
}

export async function readLedgers(api: Api, jobIds: string[], from: Date, to: Date): Promise<JobLedger[]> {
  return inParallel(jobIds, 32, async (jobId) => ({
    jobId,
    slots: await api.slots(jobId, rfc3339(from), rfc3339(to)),
  }));
}

/** How many slots have each fate; a range counts as all its slots. */
export function countFates(ledgers: JobLedger[]): Record<string, number> {
  const fates: Record<string, number> = {};
  for (const { slots } of ledgers) {
    for (const slot of slots) fates[slot.fate] = (fates[slot.fate] ?? 0) + secondsOf(slot).length;
  }
  return fates;
}

/** The instants of an item of a job of every second. */
function secondsOf({ slot_at, slot_to }: SlotView): number[] {
  const first = Date.parse(slot_at);
  const last = slot_to === undefined ? first : Date.parse(slot_to);
  return Array.from({ length: Math.floor((last - first) / 1000) + 1 }, (_, index) => first + index * 1000);
}

/** Slots of the window without a settled fate of their own, one line each: for a job of every second. */
export function findUnsettled({ jobId, slots }: JobLedger, fromMs: number, toMs: number): string[] {
  const fateOf = new Map<number, string>();
  const faults: string[] = [];
  for (const slot of slots) {
    for (const second of secondsOf(slot)) {
      if (fateOf.has(second)) faults.push(`${jobId} ${at(second)}: two fates`);
      fateOf.set(second, slot.fate);
    }
  }
  for (let second = fromMs; second < toMs; second += 1000) {
    const fate = fateOf.get(second) ?? 'no fate';
    if (!SETTLED.has(fate)) faults.push(`${jobId} ${at(second)}: ${fate}`);
  }
  return faults;
}

/** Where the ledger and the target disagree, one line each. */
export function compareWithTarget(ledgers: JobLedger[], arrivals: Arrival[]): string[] {
  const arrived = groupBy(arrivals, (one) => one.executeId);
  const known = new Map<string, SlotView>();
  const faults: string[] = [];
  for (const slot of ledgers.flatMap((ledger) => ledger.slots)) {
    known.set(slot.execute_id, slot);
    const calls = arrived.get(slot.execute_id)?.length ?? 0;
    if (slot.fate === 'succeeded' && calls === 0)
      faults.push(`${slot.execute_id}: succeeded, but the target never saw it`);
    if (NEVER_STARTED.has(slot.fate) && calls > 0)
      faults.push(`${slot.execute_id}: ${slot.fate}, but the target saw it`);
  }
  for (const [executeId, [first]] of arrived) {
    const slotAt = known.get(executeId)?.slot_at ?? '';
    if (Date.parse(slotAt) !== Date.parse(first?.slot ?? ''))
      faults.push(`${executeId}: the target saw it, the ledger has it not`);
  }
  return faults;
}

/** Executions that reached the target more than once, by execute id, in order of arrival. */
export function findRepeats(arrivals: Arrival[]): Map<string, Arrival[]> {
  const groups = groupBy(arrivals, (one) => one.executeId);
  return new Map([...groups].filter(([, calls]) => calls.length > 1));
}

/** Slots that reached the target under more than one execute id. */
export function findDoubledSlots(arrivals: Arrival[]): string[] {
  const groups = groupBy(arrivals, (one) => `${one.jobId} ${one.slot}`);
  const doubled = [...groups].filter(([, calls]) => new Set(calls.map((one) => one.executeId)).size > 1);
  return doubled.map(([slot]) => `${slot}: two executions`);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function at(ms: number): string {
  return new Date(ms).toISOString();
}
