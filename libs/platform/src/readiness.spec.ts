import { Heartbeat, NodeClock, NodeIdentity, type NodeStore } from '@ecron/nodes';
import { type Transport } from '@ecron/messaging';
import { Metrics } from '@ecron/observability';
import {
  BrokerReadiness,
  ClockReadiness,
  DatabaseReadiness,
  ShutdownReadiness,
  WebhookReadiness,
  WorkReadiness,
} from './readiness.js';

describe('readiness', () => {
  const sources = {
    at: 1_000_000,
    stepMs: 0,
    wall: () => sources.at + sources.stepMs,
    monotonic: () => sources.at,
  };
  const clock = new NodeClock(sources);
  const nodes = { beat: async () => undefined } as unknown as NodeStore;
  const heartbeat = new Heartbeat(new NodeIdentity('n', 'host/1', 'analysis', 0), nodes, clock);

  it('ends when no heartbeat has been written for five seconds', async () => {
    const check = new DatabaseReadiness(heartbeat);
    await heartbeat.beat();
    sources.at += 5_000;
    expect(await check.findFault()).toBeNull();
    sources.at += 1_000;
    expect(await check.findFault()).toBe('not written for 6 s');
  });

  it('is only degraded while a stepped clock is not yet believed', async () => {
    const check = new ClockReadiness(clock);
    expect(check.weight).toBe('degrades');
    expect(await check.findFault()).toBeNull();
    sources.stepMs = -3_600_000;
    clock.check();
    expect(await check.findFault()).toContain('stepped');
  });

  it('ends when the shutdown begins', async () => {
    const check = new ShutdownReadiness();
    expect(await check.findFault()).toBeNull();
    check.isStopping = true;
    expect(await check.findFault()).toBe('under way');
  });

  it('is only degraded without a broker', async () => {
    let fault: string | null = null;
    const check = new BrokerReadiness({ fault: () => fault } as unknown as Transport);
    expect([check.weight, await check.findFault()]).toEqual(['degrades', null]);
    fault = 'nothing listens there';
    expect(await check.findFault()).toBe('nothing listens there; work goes on by polling');
  });

  describe('by what there is to do', () => {
    const metricsOf = (figures: { oldestDueS: number; outboxPending: number }) => {
      const metrics = new Metrics('');
      metrics.watchTables(async () => ({ queueDepth: 8, callbacksAwaited: 0, nodes: {}, ...figures }));
      return metrics;
    };
    const work = (oldestDueS: number) => new WorkReadiness(metricsOf({ oldestDueS, outboxPending: 0 }));
    const webhooks = (outboxPending: number) =>
      new WebhookReadiness(metricsOf({ oldestDueS: 0, outboxPending }));

    it('is only degraded where something has been due for more than half a minute', async () => {
      expect([work(30).weight, await work(30).findFault()]).toEqual(['degrades', null]);
      expect(await work(31.4).findFault()).toBe('due for 31 s and not started, 8 executions in all');
    });

    it('is only degraded where more than a hundred notices wait', async () => {
      expect([webhooks(100).weight, await webhooks(100).findFault()]).toEqual(['degrades', null]);
      expect(await webhooks(101).findFault()).toBe('101 notices wait to be delivered');
    });

    it('is said not to be known where the database does not tell', async () => {
      expect(await new WorkReadiness(new Metrics('')).findFault()).toContain('not known');
    });
  });
});
