import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { metricsReference } from '@ecron/observability';
import { request } from 'undici';
import { eventually, inParallel } from '../support/eventually.js';
import { everySecond, jobBody, QUICK_RETRY } from '../support/jobs.js';
import { Scrape } from '../support/metrics.js';
import { Standalone } from '../support/standalone.js';
import { Target } from '../support/target.js';

jest.setTimeout(60_000);

let target: Target;
beforeAll(async () => void (target = await Target.start()));
afterAll(() => target?.stop());

/** Figures of whole tables are up to three seconds old, and are read at a request only. */
const until = (app: Standalone, look: (scrape: Scrape) => void) =>
  eventually(async () => look(await Scrape.of(app.management)));

describe('the metrics of a process', () => {
  let app: Standalone;
  beforeAll(async () => {
    app = await Standalone.start();
    await target.setManagement(app.management);
  });
  afterAll(() => app?.discard());

  /** Runs a job now, and resolves when it has that state. */
  const run = async (path: string, state: string, context: object = {}): Promise<string> => {
    const job_id = await app.api.create(jobBody(target.url + path, {}, { ...context }));
    const { execute_id } = await app.api.run({ job_id });
    await eventually(async () => expect((await app.api.execution(execute_id)).state).toBe(state));
    return execute_id;
  };
  const increaseOf = async (series: string, work: () => Promise<unknown>): Promise<number> => {
    const before = (await Scrape.of(app.management)).value(series) ?? 0;
    await work();
    return ((await Scrape.of(app.management)).value(series) ?? 0) - before;
  };

  it('are those of docs/metrics.md, at both ports', async () => {
    await run('/ok/first', 'succeeded');
    const listed = [...(await metricsReference()).matchAll(/^\| `(ecron_\w+)`/gm)].map(([, name]) => name);
    expect(listed.length).toBeGreaterThan(15);
    for (const origin of [app.management, app.analysis]) {
      const { names } = await Scrape.of(origin);
      expect(names.filter((name) => name.startsWith('ecron_'))).toEqual(listed);
      expect(names).toEqual(expect.arrayContaining(['nodejs_eventloop_lag_p99_seconds']));
    }
  });

  it('count a slot that is claimed, goes out and ends', async () => {
    const before = await Scrape.of(app.management);
    const jobId = await app.api.create(everySecond(`${target.url}/ok/slot`));
    const moved = [
      'ecron_claims_total',
      'ecron_lateness_seconds_count',
      'ecron_execution_duration_seconds_count{mode="http"}',
      'ecron_executions_total{state="succeeded"}',
    ];
    await until(app, (scrape) => {
      for (const series of moved) expect(scrape.value(series)).toBeGreaterThan(before.value(series) ?? 0);
    });
    await app.api.must(200, 'DELETE', `/job/${jobId}`);
  });

  it('count retries, and the state that a run ends in', async () => {
    const policy = { retry: { ...QUICK_RETRY, max_attempts: 3 } };
    const failing = () => run('/status/500/metrics', 'abandoned', { policy });
    expect(await increaseOf('ecron_retries_total', failing)).toBe(2);
    expect(await increaseOf('ecron_executions_total{state="abandoned"}', failing)).toBe(1);
  });

  it('count a run that its callback ends, and show it until then', async () => {
    const executeId = await run('/accept/metrics', 'accepted');
    await until(app, (scrape) => expect(scrape.value('ecron_callbacks_awaited')).toBe(1));
    const end = () => app.api.must(200, 'POST', `/executionresult/${executeId}`, {});
    expect(await increaseOf('ecron_executions_total{state="succeeded"}', end)).toBe(1);
    await until(app, (scrape) => expect(scrape.value('ecron_callbacks_awaited')).toBe(0));
  });

  it('count a cancelled run', async () => {
    const executeId = await run('/accept/cancelled', 'accepted');
    const cancel = () => app.api.must(202, 'POST', `/execution/${executeId}/cancel`);
    expect(await increaseOf('ecron_executions_total{state="interrupted"}', cancel)).toBe(1);
  });

  it('show results that their receiver does not take', async () => {
    const receiver = await refusingReceiver();
    const { port } = receiver.address() as AddressInfo;
    await run('/ok/told', 'succeeded', { notify: { webhook: `http://127.0.0.1:${port}/` } });
    await until(app, (scrape) => expect(scrape.value('ecron_outbox_pending')).toBe(1));
    receiver.close();
  });

  it('show which nodes live', async () => {
    await until(app, (scrape) =>
      expect([
        scrape.value('ecron_nodes{role="management"}'),
        scrape.value('ecron_nodes{role="analysis"}'),
      ]).toEqual([1, 1]),
    );
  });

  it('are as many with many jobs as with few, and name none of them', async () => {
    const before = (await Scrape.of(app.management)).series.length;
    const ids = await inParallel(Array.from({ length: 20 }), 5, async (_, n) =>
      run(`/ok/many-${n}`, 'succeeded'),
    );
    const { series, text } = await Scrape.of(app.management);
    expect(series).toHaveLength(before);
    for (const word of [...ids, 'mock-client-id', 'many-', '127.0.0.1']) expect(text).not.toContain(word);
  });
});

/** Answers every notice with 500. */
function refusingReceiver(): Promise<Server> {
  const server = createServer((_, response) => void response.writeHead(500).end());
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

describe('the metrics of a process that is full', () => {
  it('show what is due and waits, for how long, and that every place is taken', async () => {
    const app = await Standalone.start({ ECRON_NODE_CONCURRENCY: '1', ECRON_SHUTDOWN_GRACE_S: '0' });
    try {
      for (const path of ['/hang/a', '/hang/b'])
        await app.api.run({ job_id: await app.api.create(jobBody(target.url + path)) });
      await until(app, (scrape) => {
        expect(scrape.value('ecron_queue_depth')).toBe(1);
        expect(scrape.value('ecron_oldest_due_seconds')).toBeGreaterThan(0);
        expect(scrape.value('ecron_pool_size{pool="runs"}')).toBe(1);
        expect(scrape.value('ecron_pool_busy{pool="runs"}')).toBe(1);
        expect(scrape.value('ecron_pool_size{pool="pen"}')).toBeGreaterThan(0);
      });
    } finally {
      await app.discard();
    }
  });
});

describe('the metrics of a process that was away', () => {
  it('count the slots that nobody ran', async () => {
    const app = await Standalone.start();
    try {
      const policy = { misfire: { policy: 'latest', grace_s: 0.5, window_s: 1 } };
      const jobId = await app.api.create(everySecond(`${target.url}/ok/away`, { policy }));
      await eventually(async () =>
        expect((await app.api.executions(`job_id=${jobId}`)).length).toBeGreaterThan(0),
      );
      await app.stop();
      const back = Date.now() + 4_000;
      await eventually(() => expect(Date.now()).toBeGreaterThan(back));
      await app.boot();
      await until(app, (scrape) => expect(scrape.value('ecron_slots_missed_total')).toBeGreaterThan(0));
    } finally {
      await app.discard();
    }
  });
});

describe('the metrics of a process with a token for them', () => {
  it('are told to who brings it, at both ports, and to nobody else', async () => {
    const app = await Standalone.start({ ECRON_METRICS_TOKEN: 'scraper-s3cret' });
    const ask = async (origin: string, headers: Record<string, string>) =>
      (await request(`${origin}/metrics`, { headers })).statusCode;
    try {
      for (const origin of [app.management, app.analysis]) {
        expect(await ask(origin, {})).toBe(401);
        expect(await ask(origin, { authorization: 'Bearer other' })).toBe(401);
        expect(await ask(origin, { authorization: 'Bearer scraper-s3cret' })).toBe(200);
      }
    } finally {
      await app.discard();
    }
  });
});
