import { CallbackKeys } from './callback-keys.js';

const [OLD, NEW] = ['o'.repeat(32), 'n'.repeat(32)];

describe('a callback key', () => {
  const keys = new CallbackKeys([NEW]);

  it('fits its execution and no other', () => {
    const key = keys.keyOf('execute-1');
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(keys.fits('execute-1', key)).toBe(true);
    expect(keys.fits('execute-2', key)).toBe(false);
    expect(keys.fits('', key)).toBe(false);
  });

  it.each(['', 'x', 'a'.repeat(43), 'ä'.repeat(43), '=', '\0', 'a'.repeat(10_000)])('is not %j', (key) => {
    expect(keys.fits('execute-1', key)).toBe(false);
  });

  it('that is cut or lengthened does not fit', () => {
    const key = keys.keyOf('execute-1');
    expect(keys.fits('execute-1', key.slice(0, -4))).toBe(false);
    expect(keys.fits('execute-1', `${key}AAAA`)).toBe(false);
  });

  it('goes on fitting while its secret is the second of two, and is made by the first', () => {
    const rotated = new CallbackKeys([NEW, OLD]);
    expect(rotated.fits('execute-1', new CallbackKeys([OLD]).keyOf('execute-1'))).toBe(true);
    expect(rotated.keyOf('execute-1')).toBe(keys.keyOf('execute-1'));
    expect(keys.fits('execute-1', new CallbackKeys([OLD]).keyOf('execute-1'))).toBe(false);
  });
});
