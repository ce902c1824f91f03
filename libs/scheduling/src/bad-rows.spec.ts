import { BadRows } from './bad-rows.js';

describe('bad rows', () => {
  it('are each named once', () => {
    const error = jest.fn<void, [{ event: string; msg: string }]>();
    const bad = new BadRows({ error });
    for (const id of ['a', 'b', 'a']) bad.tell(`execution ${id}`, 'its policy is not JSON');
    expect(error.mock.calls.map(([{ msg }]) => msg)).toEqual([
      expect.stringMatching(/^execution a .*: its policy is not JSON$/),
      expect.stringMatching(/^execution b /),
    ]);
    expect(bad.size).toBe(2);
  });

  it('are no more than a thousand', () => {
    const bad = new BadRows({ error: () => undefined });
    for (let n = 0; n < 1_001; n++) bad.tell(String(n), 'rule');
    expect(bad.size).toBe(1_000);
  });
});
