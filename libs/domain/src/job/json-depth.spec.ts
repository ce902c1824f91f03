import { isTooDeep, MAX_JSON_DEPTH } from './json-depth.js';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('the depth of JSON', () => {
  it.each([0, '', null, {}, [], { a: [{ b: 1 }] }, nested(MAX_JSON_DEPTH)])('is bearable (%#)', (value) => {
    expect(isTooDeep(value)).toBe(false);
  });

  it.each([nested(MAX_JSON_DEPTH + 1), { a: [1, nested(MAX_JSON_DEPTH)] }, nested(30_000)])(
    'is too great (%#)',
    (value) => {
      expect(isTooDeep(value)).toBe(true);
    },
  );
});
