import { type Api } from '../support/api.js';
import {
  compareWithTarget,
  countFates,
  findDoubledSlots,
  findRepeats,
  findUnsettled,
  readLedgers,
} from '../support/ledger.js';
import { type Arrival } from '../support/target.js';
import { type Load } from './load.js';

/** How long after its answer a run may still be unrecorded, on a machine that is busy with a restart. */
const RECORDED_WITHIN_MS = 1_000;

/** While runs could be cut: an instant for a kill, a span for an outage; epoch milliseconds. */
export interface Cut {
  from: number;
  to: number;
}

export interface Evidence {
  load: Load;
  /** Every slot of `[from, to)` must have its fate. */
  from: Date;
  to: Date;
  cuts: Cut[];
  arrivals: Arrival[];
}

export interface ChaosReport {
  /** Slots by fate. */
  fates: Record<string, number>;
  requests: number;
  /** Executions that were tried again after a cut. */
  repeated: number;
  /** What must never happen, one line each. */
  faults: string[];
}

/** Compares what the ledger says with what the target saw. */
export async function judge(api: Api, { load, from, to, cuts, arrivals }: Evidence): Promise<ChaosReport> {
  // Beyond the window too: what ran before it and behind it must agree as well.
  const [begin, end] = [new Date(from.getTime() - 600_000), new Date(Date.now() + 60_000)];
  const ledgers = await readLedgers(api, [...load.keys()], begin, end);
  const repeats = findRepeats(arrivals);
  const faults = [
    ...ledgers.flatMap((ledger) => findUnsettled(ledger, from.getTime(), to.getTime())),
    ...compareWithTarget(ledgers, arrivals),
    ...findDoubledSlots(arrivals),
    ...[...repeats.values()].flatMap((calls) => findUnexplained(calls, cuts, load)),
  ];
  return { fates: countFates(ledgers), requests: arrivals.length, repeated: repeats.size, faults };
}

/**
 * A second request of one execution is right only as a later attempt, and only where the first one was cut: while it
 * was under way, or before its end can have been recorded.
 */
function findUnexplained(calls: Arrival[], cuts: Cut[], load: Load): string[] {
  return calls.slice(1).flatMap((call, index) => {
    const before = calls[index] as Arrival;
    const what = `${call.executeId}: attempt ${before.attempt} at ${before.at}, attempt ${call.attempt} at ${call.at}`;
    if (call.attempt <= before.attempt) return [`${what}: the attempt did not rise`];
    const recordedAt = before.at + (load.get(call.jobId) ?? 0) + RECORDED_WITHIN_MS;
    const wasCut = cuts.some((cut) => before.at <= cut.to && cut.from <= Math.min(call.at, recordedAt));
    return wasCut ? [] : [`${what}: nothing had cut the first`];
  });
}
