import { type Api } from '../support/api.js';
import { eventually, inParallel } from '../support/eventually.js';
import { everySecond } from '../support/jobs.js';
import { type ExecutionView, type Page } from '../support/shapes.js';
import { type Target } from '../support/target.js';

const DRAIN_MS = 120_000;
const IDS_PER_CALL = 50;

/** Mostly quick targets; some outlast their second, some report back later. Path and how long it takes to answer. */
const TARGETS = [
  { path: '/ok', answerMs: 0 },
  { path: '/slow/1500', answerMs: 1500 },
  { path: '/ok', answerMs: 0 },
  { path: '/slow/50', answerMs: 50 },
  { path: '/slow/300', answerMs: 300 },
  { path: '/ok', answerMs: 0 },
  { path: '/slow/700', answerMs: 700 },
  { path: '/callback-after/200', answerMs: 200 },
  { path: '/ok', answerMs: 0 },
  { path: '/ok', answerMs: 0 },
];

const targetOf = (index: number) => TARGETS[index % TARGETS.length] ?? { path: '/ok', answerMs: 0 };

/** By job id: how long its target takes to answer, in milliseconds. */
export type Load = Map<string, number>;

/** Makes so many jobs of every second. */
export async function startLoad(api: Api, target: Target, jobs: number): Promise<Load> {
  const entries = await inParallel(Array.from({ length: jobs }), 16, async (_, index) => {
    const { path, answerMs } = targetOf(index);
    return [await api.create(everySecond(target.url + path)), answerMs] as const;
  });
  return new Map(entries);
}

/** Waits until the last slot before `to` is settled, stops the jobs and waits for their runs. */
export async function settleLoad(api: Api, load: Load, to: Date): Promise<void> {
  const jobIds = [...load.keys()];
  await eventually(() => beyond(Date.now(), to.getTime() + 2000), DRAIN_MS);
  await eventually(async () => {
    const jobs = await inParallel(jobIds, 16, (id) => api.job(id));
    for (const job of jobs) beyond(Date.parse(job.next_slot_at), to.getTime());
  }, DRAIN_MS);
  const chunks = Array.from({ length: Math.ceil(jobIds.length / IDS_PER_CALL) }, (_, index) =>
    jobIds.slice(index * IDS_PER_CALL, (index + 1) * IDS_PER_CALL).join(','),
  );
  for (const ids of chunks) await api.must(200, 'PUT', `/job/${ids}/enable`, { enable: false });
  await eventually(async () => {
    const open = await api.get<Page<ExecutionView>>(
      '/execution?state=waiting&state=running&state=accepted&limit=1',
    );
    if (open.items.length > 0) throw new Error(`still open: ${JSON.stringify(open.items[0])}`);
  }, DRAIN_MS);
}

export function wholeSecond(ms: number): Date {
  return new Date(Math.ceil(ms / 1000) * 1000);
}

function beyond(valueMs: number, limitMs: number): void {
  if (!(valueMs >= limitMs)) throw new Error(`${valueMs} has not reached ${limitMs}`);
}
