import { Heartbeat, type NodeStore } from '@ecron/nodes';
import { Logger } from '@nestjs/common';
import { Deferred, FakeRuns, MovedTime, nodeOf, NOW } from '../../test/fakes.js';
import { type RunKey } from '../ports/run.store.js';
import { type Runner } from '../runner/runner.service.js';
import { Aborter } from './aborter.service.js';

/** Runs what `running` says. */
class FakeRunner {
  running = new Map<string, number>();
  free = 5;
  readonly aborted: string[] = [];
  readonly offered: string[][] = [];
  abort = (id: string) => void this.aborted.push(id);
  isRunning = (id: string, epoch: number) => this.running.get(id) === epoch;
  starting = new Set<string>();
  readonly lost: string[][] = [];
  cuts = 0;
  get runs(): RunKey[] {
    return [...this.running].map(([executeId, epoch]) => ({ executeId, epoch }));
  }
  isStarting = (id: string) => this.starting.has(id);
  lose = (ids: string[]) => void this.lost.push(ids);
  loseRetried = () => void this.cuts++;
  offer = async (ids: string[]) => void this.offered.push(ids);
}

describe('the look at what runs here', () => {
  let store: FakeRuns;
  let runner: FakeRunner;
  let aborter: Aborter;
  let time: MovedTime;
  let heartbeat: Heartbeat;
  let fault: string | null;
  beforeEach(() => {
    Logger.overrideLogger(false);
    store = new FakeRuns();
    runner = new FakeRunner();
    time = new MovedTime();
    // Away from the whole second, which a look stays away from.
    time.pass(300);
    fault = null;
    const node = nodeOf(10);
    heartbeat = new Heartbeat(node, { beat: async () => undefined } as unknown as NodeStore, time.clock);
    aborter = new Aborter(store, runner as unknown as Runner, time.clock, node, heartbeat, {
      fault: () => fault,
    });
  });

  const says = (executeId: string, epoch: number, cancelReason: 'cancelled' | null = null) =>
    store.running.push({ executeId, epoch, cancelReason });

  it('aborts what is to be cancelled, and nothing else', async () => {
    says('a', 1, 'cancelled');
    says('b', 1);
    await aborter.look();
    expect(runner.aborted).toEqual(['a']);
  });

  it('gives back what this node does not know, when it was unknown twice', async () => {
    says('a', 1);
    await aborter.look();
    expect(store.givenBack).toEqual([]);
    await aborter.look();
    expect(store.givenBack).toEqual(['a/1']);
  });

  it('leaves what it runs, and what was launched between two looks', async () => {
    runner.running.set('known', 1);
    says('known', 1);
    says('a', 1);
    await aborter.look();
    runner.running.set('a', 1);
    await aborter.look();
    await aborter.look();
    expect(store.givenBack).toEqual([]);
  });

  it('tells an earlier start from the one that runs', async () => {
    runner.running.set('a', 2);
    says('a', 1);
    await aborter.look();
    await aborter.look();
    expect(store.givenBack).toEqual(['a/1']);
  });

  it('begins its count anew with each epoch', async () => {
    says('a', 1);
    await aborter.look();
    store.running = [];
    says('a', 2);
    await aborter.look();
    expect(store.givenBack).toEqual([]);
  });

  it('fetches what is overdue by a second, as far as there are places', async () => {
    store.overdue = ['a', 'b'];
    await aborter.look();
    expect(store.overdueAsked).toEqual([[NOW - 700, 5]]);
    expect(runner.offered).toEqual([['a', 'b']]);
  });

  it('fetches nothing without a place', async () => {
    runner.free = 0;
    await aborter.look();
    expect(store.overdueAsked).toEqual([]);
  });

  it('fetches at most a thousand at once', async () => {
    runner.free = 5_000;
    await aborter.look();
    expect(store.overdueAsked).toEqual([[NOW - 700, 1_000]]);
  });

  it('goes on after a look that failed', async () => {
    jest.spyOn(store, 'findRunning').mockRejectedValueOnce(new Error('no database'));
    await aborter.look();
    says('a', 1, 'cancelled');
    await aborter.look();
    expect(runner.aborted).toEqual(['a']);
  });

  it('is one at a time', async () => {
    const looking = new Deferred<never[]>();
    const found = jest.spyOn(store, 'findRunning').mockReturnValueOnce(looking.promise);
    const first = aborter.look();
    await aborter.look();
    looking.resolve([]);
    await first;
    expect(found).toHaveBeenCalledTimes(1);
  });

  it('leaves what is being started, however long the answer takes', async () => {
    says('a', 1);
    runner.starting.add('a');
    for (let n = 0; n < 3; n++) await aborter.look();
    runner.starting.clear();
    await aborter.look();
    expect(store.givenBack).toEqual([]);
    await aborter.look();
    expect(store.givenBack).toEqual(['a/1']);
  });

  describe('of runs that are not among the node’s rows', () => {
    beforeEach(() => {
      runner.running.set('a', 1);
      runner.running.set('b', 1);
      says('b', 1);
    });

    it('asks after two looks, and aborts what others have', async () => {
      store.lost = ['a'];
      await aborter.look();
      expect(store.lostAsked).toEqual([]);
      await aborter.look();
      expect(store.lostAsked).toEqual([['a/1']]);
      expect(runner.lost).toEqual([['a']]);
    });

    it('asks nothing of what has been started between two looks', async () => {
      await aborter.look();
      says('a', 1);
      await aborter.look();
      await aborter.look();
      expect(store.lostAsked).toEqual([]);
    });
  });

  describe('while the broker is away', () => {
    it('fetches what is due, in between', async () => {
      store.overdue = ['a'];
      fault = 'no connection';
      await aborter.poll();
      expect(store.overdueAsked).toEqual([[NOW + 300, 5]]);
      expect(runner.offered).toEqual([['a']]);
    });

    it('only then', async () => {
      await aborter.poll();
      expect(store.overdueAsked).toEqual([]);
    });

    it('is one at a time, and goes on after one that failed', async () => {
      fault = 'no connection';
      const found = jest.spyOn(store, 'findOverdue').mockRejectedValueOnce(new Error('no database'));
      await Promise.all([aborter.poll(), aborter.poll()]);
      expect(found).toHaveBeenCalledTimes(1);
      await aborter.poll();
      expect(found).toHaveBeenCalledTimes(2);
    });
  });

  it('ends what others would try again before the node’s lease is over', async () => {
    time.pass(11_999);
    aborter.watchLease();
    expect(runner.cuts).toBe(0);
    time.pass(1);
    aborter.watchLease();
    expect(runner.cuts).toBe(1);
    await heartbeat.beat();
    aborter.watchLease();
    expect(runner.cuts).toBe(1);
  });
});
