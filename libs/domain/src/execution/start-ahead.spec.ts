import { START_AHEAD_MS, startAheadMs } from './start-ahead.js';

describe('how far ahead of its due time a row may be started', () => {
  const second = Date.parse('2026-11-24T09:00:00Z');

  it('is the same for every whole second', () => {
    expect([second, second + 1_000].map(startAheadMs)).toEqual([START_AHEAD_MS, START_AHEAD_MS]);
  });

  it('is nothing for every other instant', () => {
    expect([second + 1, second + 999].map(startAheadMs)).toEqual([0, 0]);
  });

  it('leaves most of a second in which nothing is ahead', () => {
    expect(START_AHEAD_MS).toBeLessThan(500);
  });
});
