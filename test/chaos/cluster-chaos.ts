import { setTimeout as pause } from 'node:timers/promises';
import { type Api } from '../support/api.js';
import { type Broker, Cluster } from '../support/cluster.js';
import { OwnServices } from '../support/services.js';
import { onStage } from '../support/stage.js';
import { type Arrival, type Target } from '../support/target.js';
import { FAULT_OF, type Fault, type FaultName, type Victims } from './faults.js';
import { type ChaosReport, type Cut, judge } from './judge.js';
import { settleLoad, startLoad, wholeSecond } from './load.js';

/** New processes are slower, and are not what is looked at. */
const WARM_UP_MS = 5_000;
const RECOVERED_WITHIN_MS = 10_000;
/** A first attempt that is later than this says that something is not right yet. */
const LATE_MS = 1_000;

export interface ClusterChaosPlan {
  broker: Broker;
  fault: FaultName;
  /** The fault is done again and again until so many have passed, once at least. */
  seconds: number;
  /** Jobs of every second. */
  jobs: number;
  say: (line: string) => void;
}

export interface ClusterChaosReport extends ChaosReport {
  /** Of first attempts, over the whole of it. */
  latestMs: number;
  /** For each time: how long after things were back a first attempt was still late. */
  recoveredMs: number[];
  /** What took longer than it may, one line each. */
  lapses: string[];
}

/** Two nodes of each service over components of their own, under load, while something is taken away and given back. */
export async function runClusterChaos(plan: ClusterChaosPlan): Promise<ClusterChaosReport> {
  const services = await OwnServices.start(['mariadb', plan.broker]);
  try {
    return await onStage(
      () => Cluster.start({ broker: plan.broker }),
      (cluster, target) => suffer({ cluster, services, broker: plan.broker }, target, plan),
    );
  } finally {
    await services.discard();
  }
}

async function suffer(victims: Victims, target: Target, plan: ClusterChaosPlan): Promise<ClusterChaosReport> {
  const { api } = victims.cluster;
  const fault = FAULT_OF[plan.fault];
  const load = await startLoad(api, target, plan.jobs);
  await pause(WARM_UP_MS);
  const from = wholeSecond(Date.now());
  const nodes = await liveNodes(api);
  const blows = await strikeAgainAndAgain(fault, victims, plan);
  const burials = fault.keepsNodes ? await findBurials(victims.cluster, nodes) : [];
  const to = wholeSecond(Date.now());
  await settleLoad(api, load, to);
  plan.say(`comparing ${load.size} ledgers with the target`);
  const arrivals = await target.arrivals();
  const report = await judge(api, { load, from, to, cuts: cutsOf(fault, blows), arrivals });
  const firsts = arrivals.filter((one) => one.attempt === 1 && Date.parse(one.slot) >= from.getTime());
  const latestMs = Math.round(Math.max(0, ...firsts.map(latenessOf)));
  const recoveredMs = blows.map((blow, turn) => recoveryOf(firsts, blow, blows[turn + 1]?.from ?? Infinity));
  const lapses = findLapses(fault, latestMs, recoveredMs);
  return { ...report, latestMs, recoveredMs, faults: [...report.faults, ...burials], lapses };
}

async function strikeAgainAndAgain(fault: Fault, victims: Victims, plan: ClusterChaosPlan): Promise<Cut[]> {
  const begun = performance.now();
  const blows: Cut[] = [];
  while (blows.length === 0 || performance.now() - begun < plan.seconds * 1000) {
    const blow = await fault.strike(victims, blows.length);
    blows.push(blow);
    plan.say(`${plan.fault} ${blows.length}: away for ${blow.to - blow.from} ms`);
    await pause(fault.calmMs);
  }
  return blows;
}

function cutsOf({ cuts }: Fault, blows: Cut[]): Cut[] {
  if (cuts === 'none') return [];
  return cuts === 'while away' ? blows : blows.map(({ from }) => ({ from, to: from + 100 }));
}

const latenessOf = (one: Arrival): number => one.at - Date.parse(one.slot);

/** How long after `blow` was over the last late arrival before the next one came; 0: none was late. */
function recoveryOf(firsts: Arrival[], blow: Cut, until: number): number {
  const late = firsts.filter((one) => one.at > blow.to && one.at < until && latenessOf(one) > LATE_MS);
  return Math.round(Math.max(0, ...late.map((one) => one.at - blow.to)));
}

function findLapses({ latestMs }: Fault, seenMs: number, recoveredMs: number[]): string[] {
  const slow = recoveredMs.filter((ms) => ms > RECOVERED_WITHIN_MS);
  return [
    ...(latestMs !== null && seenMs > latestMs ? [`a first attempt was ${seenMs} ms late`] : []),
    ...slow.map((ms) => `first attempts were still late ${ms} ms after everything was back`),
  ];
}

/** Nodes whose process went on and that were declared dead all the same. */
async function findBurials(cluster: Cluster, before: string[]): Promise<string[]> {
  const after = await liveNodes(cluster.api);
  const gone = before.filter((id) => !after.includes(id)).map((id) => `node ${id} is not live any more`);
  const said = cluster
    .output()
    .split('\n')
    .filter((line) => line.includes('nodes gone: '));
  return [...gone, ...said];
}

async function liveNodes(api: Api): Promise<string[]> {
  const { items } = await api.get<{ items: { node_id: string; live: boolean }[] }>('/node');
  return items.filter((node) => node.live).map((node) => node.node_id);
}
