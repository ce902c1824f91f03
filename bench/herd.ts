import { eventually, inParallel } from '../test/support/eventually.js';
import { oneShot, rfc3339, secondAhead } from '../test/support/jobs.js';
import { readLedgers } from '../test/support/ledger.js';
import { type Figures, judge, measureLateness, numberSetting, quiet, say, until } from './bench.js';
import { CpuMeter } from './cpu.js';
import { onSystem, type System, type SystemName } from './systems.js';

const DRAIN_MS = 60_000;

/** Many jobs due at one second. `BENCH_JOBS` (10 000), `BENCH_LEAD_S` (the time to create them, by their number). */
export async function run(on: SystemName): Promise<Figures> {
  const jobs = numberSetting('BENCH_JOBS', 10_000);
  const leadS = numberSetting('BENCH_LEAD_S', 10 + jobs / 250);
  return onSystem(on, (system) => stampede(system, jobs, leadS));
}

async function stampede(system: System, jobs: number, leadS: number): Promise<Figures> {
  const { app, target } = system;
  const at = secondAhead(leadS * 1000);
  const jobIds = await createJobs(system, jobs, at);
  await until(at.getTime() - 20);
  const cpu = new CpuMeter(system.processes);
  await eventually(async () => {
    const count = await target.count();
    if (count < jobs) throw new Error(`${count} of ${jobs} arrived`);
  }, DRAIN_MS).catch((error: Error) => say(error.message));
  say(`of one CPU: ${cpu.report()}`);
  const arrivals = await target.arrivals();
  const { least, ...lateness } = measureLateness(arrivals);
  say(`fires ${arrivals.length} of ${jobs}: first ${least} ms, last ${lateness['max']} ms after the second`);
  const to = new Date(at.getTime() + 1000);
  await quiet(app.api);
  const verdict = judge(await readLedgers(app.api, jobIds, at, to), arrivals, at, to);
  const rate = Math.round((arrivals.length / Number(lateness['max'])) * 1000);
  return { fires: arrivals.length, 'fires/s': rate, ...lateness, least: least ?? '', ...verdict };
}

async function createJobs({ app, target }: System, jobs: number, at: Date): Promise<string[]> {
  const started = performance.now();
  const jobIds = await inParallel(Array.from({ length: jobs }), 32, () =>
    app.api.create(oneShot(`${target.url}/fast`, at)),
  );
  say(`created ${jobs} jobs in ${Math.round(performance.now() - started)} ms, due at ${rfc3339(at)}`);
  if (Date.now() > at.getTime() - 1000)
    throw new Error('creating the jobs took longer than the lead: raise BENCH_LEAD_S');
  return jobIds;
}
