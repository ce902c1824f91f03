import { AUTH_KEYS } from './auth-keys.js';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(16));

describe('callback_secret', () => {
  const { kind } = AUTH_KEYS.callback_secret;

  it('is one secret, or two', () => {
    expect(kind.read(A)).toEqual([A]);
    expect(kind.read(` ${A} , ${B} `)).toEqual([A, B]);
  });

  it.each([`${A},${B},${C}`, `${A},`, A?.slice(1), `${A} ${B}`, '', null, [A]])('is not %j', (raw) => {
    expect(kind.read(raw)).toBeUndefined();
  });
});

describe('auth_scope_claim', () => {
  const { kind } = AUTH_KEYS.auth_scope_claim;

  it.each(['ext.permissions', 'roles', 'ext.urn:x/roles'])('is a path such as %s', (path) => {
    expect(kind.read(path)).toBe(path);
  });

  it.each(['', '.ext', 'ext.', 'ext..roles', 'ext roles', 7])('is not %j', (path) => {
    expect(kind.read(path)).toBeUndefined();
  });
});

describe('auth_cache_s', () => {
  it('is a minute at most', () => {
    expect([0, 60, 61, -1].map((seconds) => AUTH_KEYS.auth_cache_s.kind.read(seconds))).toEqual([
      0,
      60,
      undefined,
      undefined,
    ]);
  });
});
