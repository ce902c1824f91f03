import { HeardDispatches } from './heard-dispatches.js';

describe('the dispatches that were heard of', () => {
  it('are given once each, the last of a row', () => {
    const heard = new HeardDispatches();
    heard.add('a', 'first');
    heard.add('a', 'second');
    expect([heard.take('a'), heard.take('a')]).toEqual(['second', undefined]);
  });

  it('are 10 000 at most: the oldest are forgotten', () => {
    const heard = new HeardDispatches();
    for (let n = 0; n <= 10_000; n++) heard.add(`e${n}`, `t${n}`);
    expect(heard.size).toBe(10_000);
    expect([heard.take('e0'), heard.take('e1'), heard.take('e10000')]).toEqual([undefined, 't1', 't10000']);
  });
});
