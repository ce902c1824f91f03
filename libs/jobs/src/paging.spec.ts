import { readCursor, writeCursor } from './paging.js';

const encode = (json: string): string => Buffer.from(json).toString('base64url');

describe('a cursor', () => {
  it('is read as it was written', () => {
    expect(readCursor(writeCursor([1_790_000_000_000, 'id']), ['number', 'string'])).toEqual([
      1_790_000_000_000,
      'id',
    ]);
  });

  it.each([
    '[1e999,"id"]',
    '[-1e999,"id"]',
    '[0.5,"id"]',
    '[9007199254740993,"id"]',
    '["1","id"]',
    '[1]',
    '{',
  ])('that says %s is refused', (json) => {
    expect(() => readCursor(encode(json), ['number', 'string'])).toThrow('cursor must be');
  });
});
