import { setTimeout as pause } from 'node:timers/promises';
import { endpointOf, KubeCluster } from '@ecron/testing';
import { type ChaosReport, judge } from '../chaos/judge.js';
import { type Load, settleLoad, wholeSecond } from '../chaos/load.js';
import { inParallel } from '../support/eventually.js';
import { everySecond } from '../support/jobs.js';
import { Release } from '../support/release.js';
import { OwnServices } from '../support/services.js';
import { type Arrival, Target } from '../support/target.js';

/** New processes are slower, and are not what is looked at. */
const WARM_UP_MS = 10_000;
/** How long the load goes on behind the upgrade. */
const CALM_MS = 5_000;
/** Runs that outlast a pod's readiness are among them. */
const TARGETS = [
  { path: '/ok', answerMs: 0 },
  { path: '/slow/300', answerMs: 300 },
  { path: '/ok', answerMs: 0 },
  { path: '/slow/700', answerMs: 700 },
];

export interface RollingUpgradeReport extends ChaosReport {
  upgradeMs: number;
  /** Of first attempts whose slots lay in the window of the upgrade. */
  p50Ms: number;
  p99Ms: number;
  latestMs: number;
}

/**
 * Installs the chart on a Kubernetes of its own, lets `jobs` jobs fire every second, upgrades all pods under that load, and
 * then compares the ledger with what the target saw.
 */
export async function upgradeUnderLoad(
  jobs: number,
  say: (line: string) => void,
): Promise<RollingUpgradeReport> {
  const services = await OwnServices.start(['mariadb', 'nsq']);
  const cluster = await KubeCluster.up();
  const target = await Target.start();
  try {
    const [mariadb, nsq] = [endpointOf('mariadb'), endpointOf('nsq')];
    if (mariadb === null || nsq === null) throw new Error('the components are not up');
    const release = await Release.prepare(cluster, { mariadb, nsq });
    await release.install();
    say('installed');
    return await upgrade(release, target, jobs, say);
  } finally {
    await target.stop();
    await cluster.down();
    await services.discard();
  }
}

async function upgrade(
  release: Release,
  target: Target,
  jobs: number,
  say: (line: string) => void,
): Promise<RollingUpgradeReport> {
  const api = await release.api();
  const load: Load = new Map(
    await inParallel(Array.from({ length: jobs }), 8, async (_, index) => {
      const { path, answerMs } = TARGETS[index % TARGETS.length] ?? { path: '/ok', answerMs: 0 };
      return [await api.create(everySecond(target.url + path)), answerMs] as const;
    }),
  );
  await pause(WARM_UP_MS);
  const from = wholeSecond(Date.now());
  const begun = performance.now();
  await release.upgrade('--set', 'config.lang=en_US');
  const upgradeMs = Math.round(performance.now() - begun);
  say(`every pod is new after ${upgradeMs} ms`);
  await pause(CALM_MS);
  const to = wholeSecond(Date.now());
  const fresh = await release.api();
  await settleLoad(fresh, load, to);
  const arrivals = await target.arrivals();
  const report = await judge(fresh, { load, from, to, cuts: [], arrivals });
  return { ...report, upgradeMs, ...latenessOf(arrivals, from, to) };
}

function latenessOf(
  arrivals: Arrival[],
  from: Date,
  to: Date,
): Pick<RollingUpgradeReport, 'p50Ms' | 'p99Ms' | 'latestMs'> {
  const late = arrivals
    .filter(
      ({ attempt, slot }) =>
        attempt === 1 && Date.parse(slot) >= from.getTime() && Date.parse(slot) < to.getTime(),
    )
    .map(({ at, slot }) => at - Date.parse(slot))
    .sort((one, other) => one - other);
  const quantile = (share: number) =>
    Math.round(late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? 0);
  return { p50Ms: quantile(0.5), p99Ms: quantile(0.99), latestMs: quantile(1) };
}
