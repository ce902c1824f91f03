import { Logger } from '@nestjs/common';
import { Heartbeat } from './heartbeat.service.js';
import { NodeClock } from './node-clock.js';
import { NodeIdentity } from './node-identity.js';
import { NodeStore } from './ports.js';

interface Beat {
  now: number;
  holdUntil: number;
  free: number;
}

class FakeNodes extends NodeStore {
  readonly beats: Beat[] = [];
  isAway = false;
  async beat(_node: NodeIdentity, beat: Beat): Promise<void> {
    if (this.isAway) throw new Error('no database');
    this.beats.push(beat);
  }
  async liveCapacity(): Promise<number> {
    return 0;
  }
  async lapsedHolders(): Promise<string[]> {
    return [];
  }
  async highestTime(): Promise<number> {
    return 0;
  }
}

describe('the heartbeat', () => {
  const sources = { at: 1_000_000, wall: () => sources.at, monotonic: () => sources.at };
  let nodes: FakeNodes;
  let clock: NodeClock;
  let heartbeat: Heartbeat;

  beforeEach(() => {
    Logger.overrideLogger(false);
    nodes = new FakeNodes();
    clock = new NodeClock(sources);
    heartbeat = new Heartbeat(new NodeIdentity('n', 'host/1', 'analysis', 0), nodes, clock);
  });

  it('says how long holds last and what could be taken, from the start on', async () => {
    heartbeat.freeCapacity = () => 7;
    await heartbeat.onApplicationBootstrap();
    sources.at += 500;
    await heartbeat.beat();
    const beat = { now: sources.at, holdUntil: sources.at + 2_000, free: 7 };
    expect(nodes.beats).toEqual([{ ...beat, now: beat.now - 500, holdUntil: beat.holdUntil - 500 }, beat]);
  });

  it('tells how old the last one is that was written', async () => {
    await heartbeat.beat();
    sources.at += 1_500;
    expect(heartbeat.ageMs).toBe(1_500);
    nodes.isAway = true;
    await heartbeat.beat();
    sources.at += 4_000;
    expect(heartbeat.ageMs).toBe(5_500);
    nodes.isAway = false;
    await heartbeat.beat();
    expect(heartbeat.ageMs).toBe(0);
  });

  it('stops the start when the first one cannot be written', async () => {
    nodes.isAway = true;
    await expect(heartbeat.onApplicationBootstrap()).rejects.toThrow('no database');
  });

  it('has the clock compared with the shared one', async () => {
    const far = { at: 0, wall: () => sources.at + far.at, monotonic: () => sources.at };
    const stepping = new NodeClock(far);
    const watching = new Heartbeat(new NodeIdentity('n', 'host/1', 'analysis', 0), nodes, stepping);
    far.at = 3_600_000;
    await watching.beat();
    expect(stepping.isSuspended).toBe(true);
  });

  it('gives up its holds when it stops, once, and is silent from then on', async () => {
    await heartbeat.beat();
    await heartbeat.stop();
    await heartbeat.stop();
    await heartbeat.beat();
    expect(nodes.beats.map((beat) => beat.holdUntil)).toEqual([sources.at + 2_000, 0]);
  });
});
