import { offBeatDelay } from './off-beat.js';

it.each([
  [0, 300],
  [299, 1],
  [300, 0],
  [899, 0],
  [900, 400],
  [999, 301],
])('a routine that comes %d ms after a whole second waits %d ms', (at, delay) => {
  expect(offBeatDelay(1_000_000 + at)).toBe(delay);
});
