import { limitOf, minuteAfter, minuteOf } from './quotas.js';

describe('the limit of a tenant', () => {
  it('is its own where it has one, where 0 frees it, else that of everybody', () => {
    const limit = { perTenant: 3, tenants: { a: 7, b: 0 } };
    expect(limitOf(limit, 'a')).toBe(7);
    expect(limitOf(limit, 'b')).toBeNull();
    expect(limitOf(limit, 'c')).toBe(3);
    expect(limitOf(limit, 'constructor')).toBe(3);
    expect(limitOf({ ...limit, perTenant: null }, 'c')).toBeNull();
  });
});

describe('a minute of the clock', () => {
  const at = (text: string) => Date.parse(`2026-11-24T${text}Z`);

  it('begins with it and ends with the next', () => {
    expect(minuteOf(at('09:00:59.999'))).toBe(at('09:00:00.000'));
    expect(minuteOf(at('09:01:00.000'))).toBe(at('09:01:00.000'));
    expect(minuteAfter(at('09:00:00.000'))).toBe(at('09:01:00.000'));
  });
});
