import { Logger } from '@nestjs/common';
import { FakeNodes, MovedSources } from '../test/fakes.js';
import { Heartbeat } from './heartbeat.service.js';
import { NodeClock } from './node-clock.js';
import { NodeIdentity } from './node-identity.js';

describe('the heartbeat', () => {
  let sources: MovedSources;
  let nodes: FakeNodes;
  let clock: NodeClock;
  let heartbeat: Heartbeat;

  beforeEach(() => {
    Logger.overrideLogger(false);
    sources = new MovedSources();
    nodes = new FakeNodes();
    clock = new NodeClock(sources);
    heartbeat = new Heartbeat(new NodeIdentity('n', 'host/1', 'analysis', 0), nodes, clock);
  });

  const beatFor = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 500) {
      sources.pass(500);
      await heartbeat.beat();
    }
  };

  it('says how long holds last, what could be taken and how the clock stands, from the start on', async () => {
    heartbeat.freeCapacity = () => 7;
    await heartbeat.onApplicationBootstrap();
    sources.pass(500);
    sources.skew = -30;
    await heartbeat.beat();
    const beat = { now: sources.at, holdUntil: sources.at + 2_000, free: 7, skewMs: -30 };
    const first = { now: beat.now - 500, holdUntil: beat.holdUntil - 500, free: 7, skewMs: 0 };
    expect(nodes.beats).toEqual([first, beat]);
  });

  it('tells how old the last one is that was written, whatever the shared clock does', async () => {
    await heartbeat.beat();
    sources.pass(1_500);
    sources.stepMs -= 1_000;
    expect(heartbeat.ageMs).toBe(1_500);
    nodes.isAway = true;
    await heartbeat.beat();
    sources.pass(4_000);
    expect(heartbeat.ageMs).toBe(5_500);
    nodes.isAway = false;
    await heartbeat.beat();
    expect(heartbeat.ageMs).toBe(0);
  });

  it('counts its age from when it was sent, as others do', async () => {
    nodes.onBeat = () => sources.pass(3_000);
    await heartbeat.beat();
    expect(heartbeat.ageMs).toBe(3_000);
  });

  it('tells for how long it has had the database without a break', async () => {
    expect(heartbeat.steadyMs).toBe(0);
    await beatFor(10_000);
    expect(heartbeat.steadyMs).toBe(9_500);
    nodes.isAway = true;
    await beatFor(500);
    expect(heartbeat.steadyMs).toBe(0);
    nodes.isAway = false;
    await beatFor(2_000);
    expect(heartbeat.steadyMs).toBe(1_500);
  });

  it('takes a long silence for a break, though nothing has failed', async () => {
    await beatFor(10_000);
    sources.pass(5_001);
    await heartbeat.beat();
    expect(heartbeat.steadyMs).toBe(0);
  });

  it('is one at a time', async () => {
    await Promise.all([heartbeat.beat(), heartbeat.beat()]);
    expect(nodes.beats).toHaveLength(1);
    await heartbeat.beat();
    expect(nodes.beats).toHaveLength(2);
  });

  it('stops the start when the first one cannot be written', async () => {
    nodes.isAway = true;
    await expect(heartbeat.onApplicationBootstrap()).rejects.toThrow('no database');
  });

  it('has the clock compared with the shared one', async () => {
    sources.stepMs = 3_600_000;
    await heartbeat.beat();
    expect(clock.isSuspended).toBe(true);
  });

  it('leaves when it stops, once, after the one under way, and is silent from then on', async () => {
    const last = heartbeat.beat();
    await Promise.all([heartbeat.stop(), last]);
    await heartbeat.stop();
    await heartbeat.beat();
    expect(nodes.calls).toEqual(['beat', 'leave n']);
  });
});
