import { describeWith } from '@ecron/testing';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { jobBody } from '../support/jobs.js';
import { Scrape } from '../support/metrics.js';
import { OwnServices } from '../support/services.js';
import { Standalone } from '../support/standalone.js';
import { Target } from '../support/target.js';

jest.setTimeout(120_000);

async function ask(origin: string, path: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(origin + path);
  return { status: answer.status, text: await answer.text() };
}

const VERBOSE = '/health/ready?verbose';

describe('health', () => {
  it('names every part where it is asked to, and has started for good', async () => {
    const app = await Standalone.start();
    try {
      for (const origin of [app.management, app.analysis]) {
        expect(await ask(origin, '/health/alive')).toEqual({ status: 200, text: 'OK' });
        expect(await ask(origin, '/health/startup')).toEqual({ status: 200, text: 'OK' });
        expect(await ask(origin, '/health/ready')).toEqual({ status: 200, text: 'OK' });
        const { status, text } = await ask(origin, VERBOSE);
        const parts = ['database', 'shutdown', 'clock', 'broker', 'work', 'webhooks'];
        expect([status, text]).toEqual([200, parts.map((part) => `${part}: ok`).join('\n')]);
      }
    } finally {
      await app.discard();
    }
  });

  it('is no longer ready when the shutdown begins, while calls are still taken', async () => {
    const app = await Standalone.start({ ECRON_SHUTDOWN_GRACE_S: '30' });
    const target = await Target.start();
    try {
      const { execute_id } = await app.api.run({
        job_id: await app.api.create(jobBody(`${target.url}/accept`)),
      });
      await app.api.run({ job_id: await app.api.create(jobBody(`${target.url}/slow/3000`)) });
      await eventually(async () => expect(await target.seen('/slow/3000')).toHaveLength(1));
      const stopped = app.stop();
      await eventually(async () =>
        expect(await ask(app.management, '/health/ready')).toEqual({
          status: 503,
          text: 'shutdown: under way',
        }),
      );
      expect((await ask(app.management, '/health/alive')).status).toBe(200);
      await app.api.must(200, 'POST', `/executionresult/${execute_id}`, {});
      await stopped;
    } finally {
      await target.stop();
      await app.kill();
      await app.discard().catch(() => undefined);
    }
  });
});

describeWith(['mariadb', 'nsq'], 'the health and the metrics of a cluster', () => {
  let services: OwnServices;
  let cluster: Cluster;
  beforeAll(async () => {
    services = await OwnServices.start(['mariadb', 'nsq']);
    cluster = await Cluster.start({ broker: 'nsq', management: 1, analysis: 2 });
  });
  afterAll(async () => {
    await cluster?.discard();
    await services?.discard();
  });
  const origins = () => cluster.nodes.filter((node) => node.isRunning).map((node) => node.url);

  it('show the pools of the database', async () => {
    const scrape = await Scrape.of(cluster.analysis);
    for (const pool of ['beat', 'start', 'record', 'claim', 'read', 'browse'])
      expect(scrape.value(`ecron_pool_size{pool="${pool}"}`)).toBeGreaterThan(0);
  });

  it('stay ready without the broker, and say what that means', async () => {
    await services.crash('nsq');
    for (const origin of origins()) {
      await eventually(async () => {
        const { status, text } = await ask(origin, VERBOSE);
        expect(text).toMatch(/^broker: degraded, .*; work goes on by polling$/m);
        expect(status).toBe(200);
      });
      expect(await ask(origin, '/health/ready')).toEqual({ status: 200, text: 'OK' });
    }
    await services.up('nsq');
    for (const origin of origins())
      await eventually(
        async () => expect((await ask(origin, VERBOSE)).text).toMatch(/^broker: ok$/m),
        30_000,
      );
  });

  it('count a node that is lost, once in the deployment, and none that has left by itself', async () => {
    const [first, second] = cluster.of('analysis');
    await cluster.of('management')[0]?.stop();
    await first?.kill();
    const survivor = second?.url ?? '';
    await eventually(async () => {
      const scrape = await Scrape.of(survivor);
      expect(scrape.value('ecron_nodes_lost_total{role="analysis"}')).toBe(1);
      expect(scrape.value('ecron_nodes{role="analysis"}')).toBe(1);
      expect(scrape.value('ecron_nodes{role="management"}')).toBe(0);
      expect(scrape.value('ecron_nodes_lost_total{role="management"}')).toBe(0);
    }, 60_000);
  });
});
