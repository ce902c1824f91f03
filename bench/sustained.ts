import { eventually, inParallel } from '../test/support/eventually.js';
import { everySecond, rfc3339, secondAhead } from '../test/support/jobs.js';
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
/** Counted for lost and doubled like the rest; its lateness is shown apart, since a new process is slower. */
const WARM_UP_S = 5;

/**
 * Many jobs of every second for a while: nothing lost, nothing doubled, and how late.
 * `BENCH_JOBS` (1 000), `BENCH_SECONDS` (60).
 */
export async function run(): Promise<void> {
  const jobs = numberSetting('BENCH_JOBS', 1000);
  const seconds = numberSetting('BENCH_SECONDS', 60);
  await onStage((app, target) => sustain(app, target, jobs, seconds));
}

async function sustain(app: Standalone, target: Target, jobs: number, seconds: number): Promise<void> {
  const from = secondAhead(5000 + jobs * 5);
  const to = new Date(from.getTime() + (WARM_UP_S + seconds) * 1000);
  // The bounds lie between two slots, so that it does not matter whether they are inclusive.
  const window = {
    begin_at: rfc3339(new Date(from.getTime() - 500)),
    end_at: rfc3339(new Date(to.getTime() - 500)),
  };
  const numbers = Array.from({ length: jobs }, (_, index) => index);
  const jobIds = await inParallel(numbers, 32, () => app.api.create(everySecond(`${target.url}/fast`, window)));
  if (Date.now() > from.getTime()) throw new Error('creating the jobs took longer than the lead');
  say(`${jobs} jobs of every second for ${WARM_UP_S} + ${seconds} s from ${rfc3339(from)}`);
  const expected = jobs * (WARM_UP_S + seconds);
  await eventually(() => passed(to), (WARM_UP_S + seconds) * 1000 + DRAIN_MS);
  await drained(() => target.arrivals().then((arrivals) => arrivals.length), expected);
  const ledgers = await readLedgers(app.api, jobIds, from, to);
  const arrivals = await target.arrivals();
  say(`fires ${arrivals.length} of ${expected}; slots by fate ${JSON.stringify(countFates(ledgers))}`);
  const warmAt = from.getTime() + WARM_UP_S * 1000;
  const [cold, warm] = split(arrivals, (one) => Date.parse(one.slot) < warmAt);
  say(`first ${WARM_UP_S} s, the process new: ${describeLateness(cold)}`);
  say(`the ${seconds} s after: ${describeLateness(warm)}`);
  const unsettled = ledgers.flatMap((ledger) => findUnsettled(ledger, from.getTime(), to.getTime()));
  reportFaults('lost', [...unsettled, ...compareWithTarget(ledgers, arrivals)]);
  reportFaults('doubled', [...findDoubledSlots(arrivals), ...findRepeats(arrivals).keys()]);
}

function split<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

function passed(instant: Date): void {
  if (Date.now() < instant.getTime() + 2000) throw new Error('the window has not passed');
}

/** Until all have arrived, or nothing has for two seconds. */
export async function drained(count: () => Promise<number>, expected: number): Promise<void> {
  let last = -1;
  let lastChange = performance.now();
  await eventually(async () => {
    const seen = await count();
    if (seen !== last) lastChange = performance.now();
    last = seen;
    if (seen < expected && performance.now() - lastChange < 2000)
      throw new Error(`${seen} of ${expected} arrived`);
  }, DRAIN_MS);
}
