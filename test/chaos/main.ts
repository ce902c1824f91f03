/**
 * `npm run chaos -- [--kills 20] [--jobs 300] [--seed N]`: kills the process again and again under load and compares
 * its ledger with what the target saw. Exit 1 when a slot was lost or doubled; the seed is printed, to run it again.
 */
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.js';

const SHOWN_FAULTS = 20;

const { values } = parseArgs({
  options: { kills: { type: 'string' }, jobs: { type: 'string' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
console.log(`seed ${seed}`);
const { fates, requests, repeated, faults } = await runChaos({
  kills: Number(values.kills ?? 20),
  jobs: Number(values.jobs ?? 300),
  seed,
  lifeMs: [300, 3000],
  say: console.log,
});
console.log(`slots by fate ${JSON.stringify(fates)}`);
console.log(`requests at the target ${requests}, executions tried again ${repeated}`);
for (const fault of faults.slice(0, SHOWN_FAULTS)) console.log(`  ${fault}`);
console.log(`faults ${faults.length}`);
process.exitCode = faults.length === 0 ? 0 : 1;
