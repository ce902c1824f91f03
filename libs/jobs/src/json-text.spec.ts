import { parseStored } from './json-text.js';

describe('a stored JSON text', () => {
  it.each([
    [null, null],
    ['{"rows":[7]}', { rows: [7] }],
    ['no JSON', 'no JSON'],
  ])('%j is shown as %j', (text, shown) => {
    expect(parseStored(text)).toEqual(shown);
  });

  it('is shown as the text it is where it is too deep to be written again', () => {
    const text = '['.repeat(30_000) + ']'.repeat(30_000);
    expect(parseStored(text)).toBe(text);
  });
});
