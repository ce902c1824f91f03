import { isSealed, NoSealingKeyError, UnopenableSecretError } from '@ecron/domain';
import { AesSealer } from './aes-sealer.js';

const [OLD, NEW] = ['0'.repeat(64), 'f'.repeat(64)];
const PLACE = { tenantId: 'a', field: 'header:authorization' };

describe('a sealed secret', () => {
  const sealer = new AesSealer([OLD]);

  it.each(['', 'canary', 'grüße 你好', 'x'.repeat(100_000)])('opens as it was: %#', (plain) => {
    const sealed = sealer.seal(plain, PLACE);
    expect(isSealed(sealed)).toBe(true);
    expect(sealer.open(sealed, PLACE)).toBe(plain);
    if (plain !== '') expect(sealed).not.toContain(plain);
  });

  it('is another text each time', () => {
    expect(sealer.seal('canary', PLACE)).not.toBe(sealer.seal('canary', PLACE));
  });

  it('opens nowhere else', () => {
    const sealed = sealer.seal('canary', PLACE);
    const places = [
      { ...PLACE, tenantId: 'b' },
      { ...PLACE, field: 'body' },
    ];
    for (const place of places) expect(() => sealer.open(sealed, place)).toThrow(UnopenableSecretError);
  });

  it('does not open when it has been changed or cut', () => {
    const sealed = sealer.seal('canary', PLACE);
    const last = sealed.at(-3) === 'A' ? 'B' : 'A';
    for (const text of [
      `${sealed.slice(0, -3)}${last}${sealed.slice(-2)}`,
      sealed.slice(0, -8),
      'ecron-sealed:1:',
      'ecron-sealed:2:x:y',
    ])
      expect(() => sealer.open(text, PLACE)).toThrow(UnopenableSecretError);
  });

  it('that was never sealed comes as it is', () => {
    expect(sealer.open('in the clear', PLACE)).toBe('in the clear');
  });
});

describe('keys', () => {
  it('all open, and the first seals', () => {
    const old = new AesSealer([OLD]).seal('canary', PLACE);
    const rotated = new AesSealer([NEW, OLD]);
    expect(rotated.open(old, PLACE)).toBe('canary');
    expect(rotated.isCurrent(old)).toBe(false);
    const fresh = rotated.seal('canary', PLACE);
    expect(rotated.isCurrent(fresh)).toBe(true);
    expect(new AesSealer([NEW]).open(fresh, PLACE)).toBe('canary');
    expect(() => new AesSealer([NEW]).open(old, PLACE)).toThrow('is not configured');
  });

  it('are needed to seal, not for what is in the clear', () => {
    const none = new AesSealer([]);
    expect(none.canSeal).toBe(false);
    expect(() => none.seal('canary', PLACE)).toThrow(NoSealingKeyError);
    expect(none.open('in the clear', PLACE)).toBe('in the clear');
    expect(none.isCurrent('in the clear')).toBe(true);
  });
});
