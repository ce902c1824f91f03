import { Heartbeat, NodeClock, NodeIdentity, type NodeStore } from '@ecron/nodes';
import { type Transport } from '@ecron/messaging';
import { BrokerReadiness, ClockReadiness, DatabaseReadiness, ShutdownReadiness } from './readiness.js';

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

  it('ends while a stepped clock is not yet believed', async () => {
    const check = new ClockReadiness(clock);
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
});
