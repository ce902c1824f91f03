import { Logger } from '@nestjs/common';
import { Deferred, FakeRuns, nodeOf, NOW, stillClock } from '../../test/fakes.js';
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
  offer = async (ids: string[]) => void this.offered.push(ids);
}

describe('the look at what runs here', () => {
  let store: FakeRuns;
  let runner: FakeRunner;
  let aborter: Aborter;
  beforeEach(() => {
    Logger.overrideLogger(false);
    store = new FakeRuns();
    runner = new FakeRunner();
    aborter = new Aborter(store, runner as unknown as Runner, stillClock(), nodeOf(10));
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
    expect(store.overdueAsked).toEqual([[NOW - 1_000, 5]]);
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
    expect(store.overdueAsked).toEqual([[NOW - 1_000, 1_000]]);
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
});
