/**
 * `node scripts/run.mjs rolling-upgrade [--jobs 100]`: installs the chart on a real control plane, with the built programs in
 * its pods and MariaDB and NSQ beside them, upgrades it while so many jobs fire every second, and compares the ledger with
 * what the target saw. Needs `scripts/kube/kube.sh build` and `scripts/services.sh install mariadb nsq helm`.
 *
 * Exit 1 when a slot was lost or doubled, or one first attempt in a hundred was later than a second.
 */
import { parseArgs } from 'node:util';
import { exitOnSignals } from '../support/services.js';
import { upgradeUnderLoad } from './rolling-upgrade.js';

const LATE_MS = 1_000;
const SHOWN_FAULTS = 20;

const { values } = parseArgs({ options: { jobs: { type: 'string', default: '100' } } });
exitOnSignals();
const report = await upgradeUnderLoad(Number(values.jobs), console.log);
console.log(`slots by fate ${JSON.stringify(report.fates)}, requests at the target ${report.requests}`);
console.log(`lateness p50 ${report.p50Ms} ms, p99 ${report.p99Ms} ms, latest ${report.latestMs} ms`);
for (const fault of report.faults.slice(0, SHOWN_FAULTS)) console.log(`  ${fault}`);
console.log(`faults ${report.faults.length}`);
if (report.faults.length > 0 || report.p99Ms > LATE_MS) process.exitCode = 1;
