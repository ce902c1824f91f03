import { eventually, inParallel } from '../test/support/eventually.js';
import { everySecond, rfc3339, secondAhead } from '../test/support/jobs.js';
import { readLedgers } from '../test/support/ledger.js';
import {
  describeLateness,
  type Figures,
  judge,
  measureLateness,
  numberSetting,
  quiet,
  say,
  until,
} from './bench.js';
import { CpuMeter } from './cpu.js';
import { onSystem, type System, type SystemName } from './systems.js';

const DRAIN_MS = 60_000;
/** Counted for lost and doubled like the rest; its lateness is shown apart, since a new process is slower. */
const WARM_UP_S = 5;

/**
 * Many jobs of every second for a while: nothing lost, nothing doubled, and how late.
 * `BENCH_JOBS` (1 000), `BENCH_SECONDS` (60), `BENCH_LEAD_S` (the time to create them, by their number).
 */
export async function run(on: SystemName): Promise<Figures> {
  const jobs = numberSetting('BENCH_JOBS', 1000);
  const seconds = numberSetting('BENCH_SECONDS', 60);
  const leadS = numberSetting('BENCH_LEAD_S', 10 + jobs / 100);
  return onSystem(on, (system) => sustain(system, { jobs, seconds, leadS }));
}

async function sustain(
  system: System,
  { jobs, seconds, leadS }: { jobs: number; seconds: number; leadS: number },
): Promise<Figures> {
  const { app, target } = system;
  const from = secondAhead(leadS * 1000);
  const warmAt = new Date(from.getTime() + WARM_UP_S * 1000);
  const to = new Date(warmAt.getTime() + seconds * 1000);
  const jobIds = await createJobs(system, jobs, from, to);
  say(`${jobs} jobs of every second for ${WARM_UP_S} + ${seconds} s from ${rfc3339(from)}`);
  await until(warmAt.getTime());
  const cpu = new CpuMeter(system.processes);
  await until(to.getTime());
  say(`of one CPU: ${cpu.report()}`);
  await until(to.getTime() + 1000);
  await drained(() => target.count(), jobs * (WARM_UP_S + seconds));
  const arrivals = await target.arrivals();
  const [cold, warm] = split(arrivals, (one) => Date.parse(one.slot) < warmAt.getTime());
  say(`first ${WARM_UP_S} s, the processes new: ${describeLateness(cold)}`);
  say(`the ${seconds} s after: ${describeLateness(warm)}`);
  await quiet(app.api);
  const verdict = judge(await readLedgers(app.api, jobIds, from, to), arrivals, from, to);
  const inTime = warm.filter((one) => one.at < to.getTime()).length;
  return {
    fires: warm.length,
    'fires/s': Math.round(inTime / seconds),
    ...measureLateness(warm),
    ...verdict,
  };
}

async function createJobs({ app, target }: System, jobs: number, from: Date, to: Date): Promise<string[]> {
  // The bounds lie between two slots, so that it does not matter whether they are inclusive.
  const window = {
    begin_at: rfc3339(new Date(from.getTime() - 500)),
    end_at: rfc3339(new Date(to.getTime() - 500)),
  };
  const jobIds = await inParallel(Array.from({ length: jobs }), 32, () =>
    app.api.create(everySecond(`${target.url}/fast`, window)),
  );
  if (Date.now() > from.getTime())
    throw new Error('creating the jobs took longer than the lead: raise BENCH_LEAD_S');
  return jobIds;
}

function split<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

/** Until all have arrived, or nothing has for two seconds. */
async function drained(count: () => Promise<number>, expected: number): Promise<void> {
  let last = -1;
  let lastChange = performance.now();
  await eventually(async () => {
    const seen = await count();
    if (seen !== last) lastChange = performance.now();
    last = seen;
    if (seen < expected && performance.now() - lastChange < 2000)
      throw new Error(`${seen} of ${expected} arrived`);
  }, DRAIN_MS).catch((error: Error) => say(error.message));
}
