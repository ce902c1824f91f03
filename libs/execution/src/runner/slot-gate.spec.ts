import { SlotGate } from './slot-gate.js';

const NOW = Date.parse('2026-11-24T09:00:00Z');

describe('the gate before a slot', () => {
  let opened: string[][];
  let lateMs: number;
  let gate: SlotGate<string>;
  beforeEach(() => {
    jest.useFakeTimers({ now: NOW });
    [opened, lateMs] = [[], 0];
    gate = new SlotGate<string>(
      () => Date.now() - lateMs,
      (ready) => opened.push(ready),
    );
  });
  afterEach(() => jest.useRealTimers());

  it('keeps nothing whose instant has come', () => {
    expect([gate.keep(NOW, 'a'), gate.keep(NOW - 1, 'b')]).toEqual([false, false]);
    jest.runAllTimers();
    expect(opened).toEqual([]);
  });

  it('gives out all of an instant together, and not before it', () => {
    expect(['a', 'b'].map((one) => gate.keep(NOW + 300, one))).toEqual([true, true]);
    gate.keep(NOW + 400, 'c');
    jest.advanceTimersByTime(299);
    expect(opened).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(opened).toEqual([['a', 'b']]);
    jest.advanceTimersByTime(100);
    expect(opened).toEqual([['a', 'b'], ['c']]);
  });

  it('waits on where the clock is behind its timer', () => {
    gate.keep(NOW + 300, 'a');
    lateMs = 2;
    jest.advanceTimersByTime(300);
    expect(opened).toEqual([]);
    jest.advanceTimersByTime(2);
    expect(opened).toEqual([['a']]);
  });

  it('keeps nothing for long where the clock has been set back', () => {
    gate.keep(NOW + 300, 'a');
    lateMs = 3_600_000;
    jest.advanceTimersByTime(500);
    expect(opened).toEqual([['a']]);
  });
});
