import { NodeClock } from './node-clock.js';

class Sources {
  wallMs = 1_000_000_000;
  monotonicMs = 500;
  wall = () => this.wallMs;
  monotonic = () => this.monotonicMs;
  pass(ms: number): void {
    this.wallMs += ms;
    this.monotonicMs += ms;
  }
}

describe('coordination time', () => {
  const sources = new Sources();
  let clock: NodeClock;
  beforeEach(() => {
    clock = new NodeClock(sources);
  });

  const passChecking = (ms: number): number => {
    let moved = 0;
    for (let left = ms; left > 0; left -= 500) {
      sources.pass(500);
      moved += clock.check();
    }
    return moved;
  };

  it('follows the shared clock', () => {
    sources.pass(1234);
    expect(clock.now()).toBe(sources.wallMs);
  });

  it('stands still through a small step back, then goes on', () => {
    const before = clock.now();
    sources.wallMs -= 40_000;
    clock.check();
    sources.pass(39_000);
    expect(clock.now()).toBe(before);
    sources.pass(2_000);
    expect(clock.now()).toBe(before + 1_000);
    expect(clock.isSuspended).toBe(false);
  });

  it('follows a small step forward at once', () => {
    sources.wallMs += 30_000;
    clock.check();
    expect(clock.now()).toBe(sources.wallMs);
  });

  it.each([-3_600_000, 3_600_000])(
    'suspends claiming on a step of %d ms until reads agree for 30 s',
    (step) => {
      const before = clock.now();
      sources.wallMs += step;
      expect(clock.check()).toBe(0);
      expect(clock.isSuspended).toBe(true);
      expect(passChecking(29_000)).toBe(0);
      expect(clock.now()).toBe(before + 29_000);
      expect(passChecking(2_000)).toBe(step);
      expect(clock.isSuspended).toBe(false);
      expect(clock.now()).toBe(sources.wallMs);
      expect(clock.stepsBack).toBe(step < 0 ? 1 : 0);
    },
  );

  it('forgets a large step that goes away again', () => {
    sources.wallMs += 3_600_000;
    clock.check();
    sources.wallMs -= 3_600_000;
    clock.check();
    expect(clock.isSuspended).toBe(false);
    expect(clock.now()).toBe(sources.wallMs);
  });

  it('starts from the highest time that was written before, and waits when that lies far ahead', () => {
    clock = new NodeClock(sources, sources.wallMs + 20_000);
    expect(clock.now()).toBe(sources.wallMs + 20_000);
    expect(clock.isSuspended).toBe(false);
    clock = new NodeClock(sources, sources.wallMs + 120_000);
    expect(clock.isSuspended).toBe(true);
    expect(passChecking(31_000)).toBe(-120_000);
    expect(clock.now()).toBe(sources.wallMs);
  });
});
