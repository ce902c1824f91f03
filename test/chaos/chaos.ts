import { setTimeout as pause } from 'node:timers/promises';
import { type Api } from '../support/api.js';
import { eventually, inParallel } from '../support/eventually.js';
import { everySecond } from '../support/jobs.js';
import {
  compareWithTarget,
  countFates,
  findDoubledSlots,
  findRepeats,
  findUnsettled,
  readLedgers,
} from '../support/ledger.js';
import { type ExecutionView, type Page } from '../support/shapes.js';
import { onStage } from '../support/stage.js';
import { type Standalone } from '../support/standalone.js';
import { type Arrival, type Target } from '../support/target.js';

const DRAIN_MS = 120_000;
const IDS_PER_CALL = 50;
/** How long after its answer a run may still be unrecorded, on a machine that is busy with a restart. */
const RECORDED_WITHIN_MS = 1_000;

export interface ChaosPlan {
  kills: number;
  /** Jobs of every second. */
  jobs: number;
  /** The same seed kills after the same waits. */
  seed: number;
  /** How long the process may live before it is killed: from, to. */
  lifeMs: [number, number];
  say: (line: string) => void;
}

export interface ChaosReport {
  /** Slots by fate. */
  fates: Record<string, number>;
  requests: number;
  /** Executions that were tried again after a kill. */
  repeated: number;
  /** What must never happen, one line each. */
  faults: string[];
}

/** Kills the process at random moments under load, restarts it at once, and then compares its ledger with the target. */
export async function runChaos(plan: ChaosPlan): Promise<ChaosReport> {
  return onStage(async (app, target) => {
    const jobIds = await inParallel(Array.from({ length: plan.jobs }), 16, (_, index) =>
      app.api.create(everySecond(target.url + targetOf(index).path)),
    );
    const from = wholeSecond(Date.now() + 1000);
    const kills = await killAgainAndAgain(app, plan);
    const to = wholeSecond(Date.now());
    await settle(app.api, jobIds, to);
    plan.say(`comparing ${jobIds.length} ledgers with the target`);
    return judge(app.api, target, { jobIds, from, to, kills });
  });
}

/** Mostly quick targets; some outlast their second, some report back later. Path and how long it takes to answer. */
const TARGETS = [
  { path: '/ok', answerMs: 0 },
  { path: '/slow/1500', answerMs: 1500 },
  { path: '/ok', answerMs: 0 },
  { path: '/slow/50', answerMs: 50 },
  { path: '/slow/300', answerMs: 300 },
  { path: '/ok', answerMs: 0 },
  { path: '/slow/700', answerMs: 700 },
  { path: '/callback-after/200', answerMs: 200 },
  { path: '/ok', answerMs: 0 },
  { path: '/ok', answerMs: 0 },
];

const targetOf = (index: number) => TARGETS[index % TARGETS.length] ?? { path: '/ok', answerMs: 0 };

async function killAgainAndAgain(app: Standalone, plan: ChaosPlan): Promise<number[]> {
  const random = randomFrom(plan.seed);
  const [least, most] = plan.lifeMs;
  const kills: number[] = [];
  while (kills.length < plan.kills) {
    const lifeMs = Math.round(least + random() * (most - least));
    await pause(lifeMs);
    await app.kill();
    kills.push(Date.now());
    await app.boot();
    plan.say(
      `kill ${kills.length} of ${plan.kills} after ${lifeMs} ms, back in ${Date.now() - (kills.at(-1) ?? 0)} ms`,
    );
  }
  await pause(least);
  return kills;
}

/** Waits until the last slot of the window is settled, stops the jobs and waits for their runs. */
async function settle(api: Api, jobIds: string[], to: Date): Promise<void> {
  await eventually(() => beyond(Date.now(), to.getTime() + 2000), DRAIN_MS);
  await eventually(async () => {
    const jobs = await inParallel(jobIds, 16, (id) => api.job(id));
    for (const job of jobs) beyond(Date.parse(job.next_slot_at), to.getTime());
  }, DRAIN_MS);
  const chunks = Array.from({ length: Math.ceil(jobIds.length / IDS_PER_CALL) }, (_, index) =>
    jobIds.slice(index * IDS_PER_CALL, (index + 1) * IDS_PER_CALL).join(','),
  );
  for (const ids of chunks) await api.must(200, 'PUT', `/job/${ids}/enable`, { enable: false });
  await eventually(async () => {
    const open = await api.get<Page<ExecutionView>>(
      '/execution?state=waiting&state=running&state=accepted&limit=1',
    );
    if (open.items.length > 0) throw new Error(`still open: ${JSON.stringify(open.items[0])}`);
  }, DRAIN_MS);
}

function beyond(valueMs: number, limitMs: number): void {
  if (!(valueMs >= limitMs)) throw new Error(`${valueMs} has not reached ${limitMs}`);
}

interface Evidence {
  jobIds: string[];
  from: Date;
  to: Date;
  kills: number[];
}

async function judge(api: Api, target: Target, { jobIds, from, to, kills }: Evidence): Promise<ChaosReport> {
  // Beyond the window too: what ran before it and behind it must agree as well.
  const ledgers = await readLedgers(
    api,
    jobIds,
    new Date(from.getTime() - 600_000),
    new Date(Date.now() + 60_000),
  );
  const arrivals = await target.arrivals();
  const repeats = findRepeats(arrivals);
  const answerMsOf = new Map(jobIds.map((jobId, index) => [jobId, targetOf(index).answerMs]));
  const faults = [
    ...ledgers.flatMap((ledger) => findUnsettled(ledger, from.getTime(), to.getTime())),
    ...compareWithTarget(ledgers, arrivals),
    ...findDoubledSlots(arrivals),
    ...[...repeats.values()].flatMap((calls) => findUnexplained(calls, kills, answerMsOf)),
  ];
  return { fates: countFates(ledgers), requests: arrivals.length, repeated: repeats.size, faults };
}

/**
 * A second request of one execution is right only as a later attempt, and only where a kill cut the first one: while
 * it was under way, or before its end can have been recorded.
 */
function findUnexplained(calls: Arrival[], kills: number[], answerMsOf: Map<string, number>): string[] {
  return calls.slice(1).flatMap((call, index) => {
    const before = calls[index] as Arrival;
    const what = `${call.executeId}: attempt ${before.attempt} at ${before.at}, attempt ${call.attempt} at ${call.at}`;
    if (call.attempt <= before.attempt) return [`${what}: the attempt did not rise`];
    const recordedAt = before.at + (answerMsOf.get(call.jobId) ?? 0) + RECORDED_WITHIN_MS;
    const wasCut = kills.some((kill) => before.at <= kill && kill <= Math.min(call.at, recordedAt));
    return wasCut ? [] : [`${what}: no kill between them`];
  });
}

function wholeSecond(ms: number): Date {
  return new Date(Math.ceil(ms / 1000) * 1000);
}

/** mulberry32: small, and the same numbers for the same seed everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
