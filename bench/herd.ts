import { eventually, inParallel } from '../test/support/eventually.js';
import { oneShot, rfc3339, secondAhead } from '../test/support/jobs.js';
import {
  compareWithTarget,
  countFates,
  findDoubledSlots,
  findRepeats,
  findUnsettled,
  readLedgers,
} from '../test/support/ledger.js';
import { onStage } from '../test/support/stage.js';
import { type Standalone } from '../test/support/standalone.js';
import { type Target } from '../test/support/target.js';
import { describeLateness, numberSetting, reportFaults, say } from './bench.js';

const DRAIN_MS = 60_000;

/** Many jobs due at one second. `BENCH_JOBS` (10 000), `BENCH_LEAD_S` (the time to create them, by their number). */
export async function run(): Promise<void> {
  const jobs = numberSetting('BENCH_JOBS', 10_000);
  const leadS = numberSetting('BENCH_LEAD_S', 10 + jobs / 250);
  await onStage((app, target) => stampede(app, target, jobs, leadS));
}

async function stampede(app: Standalone, target: Target, jobs: number, leadS: number): Promise<void> {
  const at = secondAhead(leadS * 1000);
  const numbers = Array.from({ length: jobs }, (_, index) => index);
  const started = performance.now();
  const jobIds = await inParallel(numbers, 32, () => app.api.create(oneShot(`${target.url}/fast`, at)));
  say(`created ${jobs} jobs in ${Math.round(performance.now() - started)} ms, due at ${rfc3339(at)}`);
  if (Date.now() > at.getTime() - 1000)
    throw new Error('creating the jobs took longer than the lead: raise BENCH_LEAD_S');
  await eventually(
    async () => {
      if (Date.now() < at.getTime() + 1000) throw new Error('the second has not passed');
      const { length } = await target.arrivals();
      if (length < jobs) throw new Error(`${length} of ${jobs} arrived`);
    },
    leadS * 1000 + DRAIN_MS,
  ).catch((error: Error) => say(error.message));
  await judge(app, target, jobIds, at);
}

async function judge(app: Standalone, target: Target, jobIds: string[], at: Date): Promise<void> {
  const arrivals = await target.arrivals();
  const after = arrivals.map((one) => one.at - at.getTime());
  const [first, last] = [
    after.reduce((x, y) => Math.min(x, y), Infinity),
    after.reduce((x, y) => Math.max(x, y), -Infinity),
  ];
  say(
    `fires ${arrivals.length} of ${jobIds.length}: first ${first.toFixed(1)} ms, last ${last.toFixed(1)} ms after the second`,
  );
  say(describeLateness(arrivals));
  const to = new Date(at.getTime() + 1000);
  const ledgers = await readLedgers(app.api, jobIds, at, to);
  say(`slots by fate ${JSON.stringify(countFates(ledgers))}`);
  const unsettled = ledgers.flatMap((ledger) => findUnsettled(ledger, at.getTime(), to.getTime()));
  reportFaults('lost', [...unsettled, ...compareWithTarget(ledgers, arrivals)]);
  reportFaults('doubled', [...findDoubledSlots(arrivals), ...findRepeats(arrivals).keys()]);
}
