import { type Arrival } from '../test/support/target.js';

/** A number from the environment (`BENCH_JOBS=500`), else the fallback. */
export function numberSetting(name: string, fallback: number): number {
  return Number(process.env[name] ?? fallback);
}

export function say(line: string): void {
  console.log(line);
}

/** How late requests reached the target, in milliseconds after their slot. */
export function describeLateness(arrivals: Arrival[]): string {
  const late = arrivals.map((one) => one.at - Date.parse(one.slot)).sort((x, y) => x - y);
  const at = (share: number) =>
    (late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? NaN).toFixed(1);
  return `lateness at the target: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms, least ${at(0)} ms`;
}

/** Prints the faults (the first of them) and makes the bench fail where there are any. */
export function reportFaults(what: string, faults: string[]): void {
  say(`${what} ${faults.length}`);
  for (const fault of faults.slice(0, 10)) say(`  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
