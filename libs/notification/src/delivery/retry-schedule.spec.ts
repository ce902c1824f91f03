import { nextTryAt } from './retry-schedule.js';

const HOUR = 3_600_000;
const MIDDLE = 0.5;

describe('the tries of a delivery', () => {
  it('are ten, over three days, further and further apart', () => {
    const times: number[] = [0];
    for (let attempt = 1; ; attempt++) {
      const next = nextTryAt(attempt, 0, times.at(-1)!, MIDDLE);
      if (next === null) break;
      times.push(next);
    }
    const pauses = times.slice(1).map((at, n) => at - times[n]!);
    expect(times).toHaveLength(10);
    expect(times.at(-1)! / HOUR).toBeCloseTo(71.6, 1);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  });

  it('are spread by a tenth either way', () => {
    expect([0, 0.999_999].map((random) => nextTryAt(4, 0, 0, random))).toEqual([1.8 * HOUR, 7_919_999]);
  });

  it('come no sooner than the receiver asked for, within a day', () => {
    expect(nextTryAt(1, 2 * HOUR, 0, MIDDLE)).toBe(2 * HOUR);
    expect(nextTryAt(1, 1_000, 0, MIDDLE)).toBe(5_000);
    expect(nextTryAt(1, 400 * HOUR, 0, MIDDLE)).toBe(24 * HOUR);
  });
});
