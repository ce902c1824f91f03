/**
 * `npm run chaos -- [--kills 20] [--jobs 300] [--seed N]`: kills the process again and again under load and compares
 * its ledger with what the target saw. The seed is printed, to run it again.
 *
 * `npm run chaos -- --on mariadb+nsq|mariadb+kafka --fault NAME [--seconds 60] [--jobs 300]`: two nodes of each
 * service; the fault is done again and again under load. `broker`: killed, away for 30 s; `database`: killed and
 * started again; `analysis`, `management`: one node killed in the middle of a batch; `rolling`: each node restarted.
 *
 * Exit 1 when a slot was lost or doubled, or something took longer than it may.
 */
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.js';
import { runClusterChaos } from './cluster-chaos.js';
import { FAULTS } from './faults.js';
import { exitOnSignals } from '../support/services.js';
import { type ChaosReport } from './judge.js';

const SHOWN_FAULTS = 20;
const BROKERS: Record<string, 'nsq' | 'kafka'> = { 'mariadb+nsq': 'nsq', 'mariadb+kafka': 'kafka' };

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { kills: text, jobs: text, seed: text, on: text, fault: text, seconds: text },
});
exitOnSignals();
const jobs = Number(values.jobs ?? 300);
const report = values.on === undefined ? await onOneProcess() : await onCluster(values.on);
console.log(`slots by fate ${JSON.stringify(report.fates)}`);
console.log(`requests at the target ${report.requests}, executions tried again ${report.repeated}`);
for (const fault of report.faults.slice(0, SHOWN_FAULTS)) console.log(`  ${fault}`);
console.log(`faults ${report.faults.length}`);
if (report.faults.length > 0) process.exitCode = 1;

async function onOneProcess(): Promise<ChaosReport> {
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  return runChaos({ kills: Number(values.kills ?? 20), jobs, seed, lifeMs: [300, 3000], say: console.log });
}

async function onCluster(on: string): Promise<ChaosReport> {
  const broker = BROKERS[on];
  const fault = FAULTS.find((name) => name === values.fault);
  if (broker === undefined || fault === undefined) usage();
  const seconds = Number(values.seconds ?? 60);
  const cluster = await runClusterChaos({ broker, fault, seconds, jobs, say: console.log });
  console.log(
    `latest first attempt ${cluster.latestMs} ms; right again after ${cluster.recoveredMs.join(', ')} ms`,
  );
  for (const lapse of cluster.lapses) console.log(`  ${lapse}`);
  if (cluster.lapses.length > 0) process.exitCode = 1;
  return cluster;
}

function usage(): never {
  console.error(`--on: ${Object.keys(BROKERS).join(', ')}; --fault: ${FAULTS.join(', ')}`);
  process.exit(2);
}
