import { setTimeout as pause } from 'node:timers/promises';
import { type Api } from '../test/support/api.js';
import { eventually } from '../test/support/eventually.js';
import {
  compareWithTarget,
  countFates,
  findDoubledSlots,
  findRepeats,
  findUnsettled,
  type JobLedger,
} from '../test/support/ledger.js';
import { type ExecutionView, type Page } from '../test/support/shapes.js';
import { type Arrival } from '../test/support/target.js';

/** What one bench found out, to be shown beside what it found elsewhere. */
export type Figures = Record<string, string | number>;

/** A number from the environment (`BENCH_JOBS=500`), else the fallback. */
export function numberSetting(name: string, fallback: number): number {
  return Number(process.env[name] ?? fallback);
}

export function say(line: string): void {
  console.log(line);
}

/** Waits for an instant, in epoch milliseconds. */
export async function until(instantMs: number): Promise<void> {
  await pause(Math.max(0, instantMs - Date.now()));
}

const RECORD_MS = 30_000;

/** Waits until nothing runs any more: a target has its request before the ledger has the end. */
export async function quiet(api: Api): Promise<void> {
  await eventually(async () => {
    const { items } = await api.get<Page<ExecutionView>>('/execution?state=running&limit=1');
    if (items.length > 0) throw new Error('something still runs');
  }, RECORD_MS).catch((error: Error) => say(error.message));
}

/** How late requests reached the target, in milliseconds after their slot. */
export function measureLateness(arrivals: Arrival[]): Figures {
  const late = arrivals.map((one) => one.at - Date.parse(one.slot)).sort((x, y) => x - y);
  const at = (share: number) =>
    (late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? NaN).toFixed(1);
  return { p50: at(0.5), p99: at(0.99), 'p99.9': at(0.999), max: at(1), least: at(0) };
}

export function describeLateness(arrivals: Arrival[]): string {
  const figures = Object.entries(measureLateness(arrivals)).map(([name, value]) => `${name} ${value} ms`);
  return `lateness at the target: ${figures.join(', ')}`;
}

/** Compares ledger and target over `[from, to)`, says what is wrong (the first of each), and lets the bench fail for it. */
export function judge(ledgers: JobLedger[], arrivals: Arrival[], from: Date, to: Date): Figures {
  say(`slots by fate ${JSON.stringify(countFates(ledgers))}`);
  const unsettled = ledgers.flatMap((ledger) => findUnsettled(ledger, from.getTime(), to.getTime()));
  const lost = [...unsettled, ...compareWithTarget(ledgers, arrivals)];
  const doubled = [...findDoubledSlots(arrivals), ...findRepeats(arrivals).keys()];
  reportFaults('lost', lost);
  reportFaults('doubled', doubled);
  return { lost: lost.length, doubled: doubled.length };
}

/** Prints the faults (the first of them) and makes the bench fail where there are any. */
export function reportFaults(what: string, faults: string[]): void {
  say(`${what} ${faults.length}`);
  for (const fault of faults.slice(0, 10)) say(`  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}

/** One line for each row; a column is as wide as what is in it. */
export function showTable(rows: Figures[]): void {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? '')))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines) say(line.map((text, column) => text.padStart(widths[column] ?? 0)).join('  '));
}
