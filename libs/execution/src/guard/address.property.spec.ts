import fc from 'fast-check';
import { TargetGuard } from './target-guard.js';

const RUNS = { seed: 20_261_125, numRuns: 2_000 };

const guards = fc.constantFrom(
  new TargetGuard(),
  new TargetGuard({ privateTargets: 'deny' }),
  new TargetGuard({ privateTargets: 'deny', allowCidrs: ['10.0.0.0/9', '127.0.0.1'] }),
);

const special = fc.constantFrom(
  0x7f000001,
  0,
  0xa9fea9fe,
  0x0a000001,
  0x0a800001,
  0xc0a80001,
  0xffffffff,
  0x646464c8,
);
const hosts = fc.oneof(fc.nat(0xffffffff), special);

type Radix = (value: number) => string;
const radixes: Radix[] = [
  (value) => String(value),
  (value) => `0x${value.toString(16)}`,
  (value) => `0X00${value.toString(16).toUpperCase()}`,
  (value) => `0${value.toString(8)}`,
  (value) => `000${value.toString(8)}`,
];
const radix = fc.constantFrom(...radixes);
/** How many of the four bytes the last number takes, and how each number is written. */
const styles = fc.record({
  last: fc.integer({ min: 1, max: 4 }),
  radixes: fc.tuple(radix, radix, radix, radix),
});

const byteOf = (value: number, index: number) => (value >>> (24 - 8 * index)) & 0xff;
const dotted = (value: number) => [0, 1, 2, 3].map((index) => byteOf(value, index)).join('.');
const hex = (value: number) => `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;

function write(value: number, { last, radixes }: { last: number; radixes: readonly Radix[] }): string {
  const bytes = Array.from({ length: 4 - last }, (_, index) => byteOf(value, index));
  const rest = last === 4 ? value : value & (2 ** (8 * last) - 1);
  return [...bytes, rest >>> 0].map((part, index) => radixes[index]!(part)).join('.');
}

/** Allowed, or which rule refuses it. */
function verdict(guard: TargetGuard, host: string): string {
  return guard.check(new URL(`http://${host}/`))?.replace(/^.* is (?=an? |the )/, '') ?? 'allowed';
}

describe('the verdict on an IPv4 address', () => {
  it('is the same in every way a URL can write it', () => {
    fc.assert(
      fc.property(guards, hosts, styles, (guard, value, style) => {
        expect(verdict(guard, write(value, style))).toBe(verdict(guard, dotted(value)));
      }),
      RUNS,
    );
  });

  it('is the same for the IPv6 addresses that lead to it', () => {
    const forms = fc.constantFrom(
      (value: number) => `::ffff:${dotted(value)}`,
      (value: number) => `0:0:0:0:0:FFFF:${hex(value)}`,
      (value: number) => `64:ff9b::${hex(value)}`,
      (value: number) => `64:ff9b::${dotted(value)}`,
      (value: number) => `2002:${hex(value)}::1`,
      (value: number) => `2001:0:808:808::${hex(~value >>> 0)}`,
      (value: number) => `2001:db8::5efe:${dotted(value)}`,
      (value: number) => `::ffff:0:${hex(value)}`,
    );
    fc.assert(
      fc.property(guards, hosts, forms, (guard, value, form) => {
        expect(verdict(guard, `[${form(value)}]`)).toBe(verdict(guard, dotted(value)));
      }),
      RUNS,
    );
  });
});
