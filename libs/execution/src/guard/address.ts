import { isIPv4, isIPv6 } from 'node:net';

/** An IP address as a number; a zone (`%eth0`) is no part of it. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** All addresses whose first `bits` bits are those of `first`. */
export interface AddressRange {
  readonly first: Address;
  readonly bits: number;
}

/** Reads `10.0.0.1`, `fe80::1%eth0` or `[::1]`; null for what is neither IPv4 in four decimals nor IPv6. */
export function parseAddress(text: string): Address | null {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (isIPv4(bare)) return { family: 4, value: readIPv4(bare) };
  return isIPv6(bare) ? { family: 6, value: readIPv6(bare.replace(/%.*$/s, '')) } : null;
}

/** Reads `10.0.0.0/8` or a single address; null for what is neither. */
export function parseRange(text: string): AddressRange | null {
  const [, base = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const first = parseAddress(base);
  if (first === null) return null;
  const bits = length === undefined ? widthOf(first) : Number(length);
  return bits <= widthOf(first) ? { first, bits } : null;
}

/** @throws RangeError for what `parseRange` does not read. */
export function rangeOf(text: string): AddressRange {
  const range = parseRange(text);
  if (range === null) throw new RangeError(`${text} is not a range of addresses`);
  return range;
}

export function isWithin({ family, value }: Address, { first, bits }: AddressRange): boolean {
  const rest = BigInt(widthOf(first) - bits);
  return family === first.family && value >> rest === first.value >> rest;
}

export function isSame(one: Address, other: Address): boolean {
  return one.family === other.family && one.value === other.value;
}

/** The 32 bits of an IPv6 address whose last one is followed by `after` others. */
export function embeddedIPv4(value: bigint, after: number): Address {
  return { family: 4, value: BigInt.asUintN(32, value >> BigInt(after)) };
}

function widthOf({ family }: Address): number {
  return family === 4 ? 32 : 128;
}

function readIPv4(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function readIPv6(text: string): bigint {
  const [front = '', back = ''] = withoutDots(text).split('::');
  const [head, tail] = [groupsOf(front), groupsOf(back)];
  const zeros = Array<bigint>(8 - head.length - tail.length).fill(0n);
  return [...head, ...zeros, ...tail].reduce((value, group) => (value << 16n) | group, 0n);
}

function groupsOf(text: string): bigint[] {
  return text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`));
}

/** The last 32 bits may be written as an IPv4 address. */
function withoutDots(text: string): string {
  return text.replace(/[\d.]+\.[\d.]+$/, (dotted) => {
    const value = readIPv4(dotted);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
}
