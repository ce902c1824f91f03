import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseSchedule, type Schedule } from '@ecron/domain';

const EXPRESSIONS = ['0 */5 * * * *', '0 30 9 * * 1-5', '0 0 0 1 * *', '*/10 * * * * *', '0 15 10 29 2 *'];
const ZONES = ['UTC', 'Asia/Shanghai', 'America/New_York'];
const START_MS = Date.UTC(2025, 0, 15);
const END_MS = Date.UTC(2096, 0);
const CELL_MS = 150;
const WARM_UP = 50;
const BATCH = 256;
const SCHEDULES = 10_000;

/** Prints next-slot computations a second for each expression and zone, and the heap that a parsed schedule takes. */
export async function run(): Promise<void> {
  console.log(
    `${'expression'.padEnd(18)}${ZONES.map((zone) => zone.padStart(20)).join('')}   (next/s, ${CELL_MS} ms a cell)`,
  );
  for (const text of EXPRESSIONS) {
    const cells = ZONES.map((zone) => formatRate(measureRate(plan(text, zone))).padStart(20));
    console.log(text.padEnd(18) + cells.join(''));
  }
  console.log(
    `heap per parsed schedule: ${Math.round(measureHeap())} bytes (${SCHEDULES} distinct expressions, UTC)`,
  );
}

const plan = (text: string, zone: string): Schedule =>
  parseSchedule(text, { zone, dst: 'default', hashKey: '', anchorMs: null });

/** Steps one schedule forward from 2025, again from there when it comes to 2096. */
function measureRate(schedule: Schedule): number {
  let at = step(schedule, START_MS, WARM_UP);
  let count = 0;
  const begun = performance.now();
  let elapsed = 0;
  while (elapsed < CELL_MS) {
    at = step(schedule, at, BATCH);
    count += BATCH;
    elapsed = performance.now() - begun;
  }
  return (count / elapsed) * 1000;
}

function step(schedule: Schedule, from: number, times: number): number {
  let at = from;
  for (let i = 0; i < times; i++) {
    const slot = schedule.next(at);
    at = slot === null || slot > END_MS ? START_MS : slot;
  }
  return at;
}

/** The texts are made beforehand: they are the caller's. */
function measureHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const texts = Array.from(
    { length: SCHEDULES },
    (_, i) => `${i % 60} ${Math.floor(i / 60) % 60} ${i % 24} * * 1-${1 + (i % 6)}`,
  );
  plan(texts[0]!, 'UTC').next(START_MS);
  collect();
  const before = process.memoryUsage().heapUsed;
  const schedules = texts.map((text) => plan(text, 'UTC'));
  collect();
  const used = process.memoryUsage().heapUsed - before;
  return used / schedules.length;
}

const formatRate = (perSecond: number): string =>
  perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(2)} M` : `${Math.round(perSecond / 1e3)} k`;
