/** Sets of small numbers as the bits of integers, and the number -1 for "no such member". */

const { clz32, min } = Math;

/** The lowest member, -1 when there is none. */
export const lowest = (bits: number): number => 31 - clz32(bits & -bits);

/** The highest member, -1 when there is none. */
export const highest = (bits: number): number => 31 - clz32(bits);

/** The members from `from` (0–31) up. */
export const atLeast = (bits: number, from: number): number => bits & (-1 << from);

/** The members up to `to` (-1–30). */
export const atMost = (bits: number, to: number): number => bits & ((1 << (to + 1)) - 1);

// A set of the numbers 0–59 is two integers of 30 bits, so that both stay small integers in V8 and are never boxed.
const HALF = 30;

/** The lowest member from `from` (0–60) up in a set of 0–59, -1 when there is none. */
export function lowest60(low: number, high: number, from: number): number {
  const below = from < HALF ? atLeast(low, from) : 0;
  if (below !== 0) return lowest(below);
  const above = from <= HALF ? high : atLeast(high, from - HALF);
  return above === 0 ? -1 : HALF + lowest(above);
}

/** The highest member up to `to` (-1–59) in a set of 0–59, -1 when there is none. */
export function highest60(low: number, high: number, to: number): number {
  const above = to >= HALF ? atMost(high, to - HALF) : 0;
  return above !== 0 ? HALF + highest(above) : highest(atMost(low, min(to, HALF - 1)));
}

/** The members from `from` to `from + size - 1` as bits, `from` being bit 0; `size` at most 31. */
export function bitsOf(members: Iterable<number>, from: number, size: number): number {
  let bits = 0;
  for (const member of members) if (member >= from && member < from + size) bits |= 1 << (member - from);
  return bits;
}
