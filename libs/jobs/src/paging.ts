import { refuse } from './errors.js';
import { type Optional } from './job/job-input.js';

export const DEFAULT_LIMIT = 50;
/** A greater `limit` counts as this. */
export const MAX_LIMIT = 500;

/** One page of a list; `next_cursor` asks for the next one, null on the last. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export function readLimit(text: Optional<string>): number {
  if (text === undefined || text === null || text === '') return DEFAULT_LIMIT;
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1)
    throw refuse.field('limit', 'must be a whole number from 1');
  return Math.min(Number(text), MAX_LIMIT);
}

type CursorPart = string | number;

/** Where a page ended, opaque to clients. */
export function writeCursor(parts: readonly CursorPart[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** `shape` names the type of each part; null: no cursor was given. */
export function readCursor(
  text: Optional<string>,
  shape: readonly ('string' | 'number')[],
): CursorPart[] | null {
  if (text === undefined || text === null || text === '') return null;
  const parts = decode(text);
  const fits =
    Array.isArray(parts) &&
    parts.length === shape.length &&
    parts.every((part, i) => typeof part === shape[i] && isExact(part));
  if (!fits) throw refuse.field('cursor', 'must be a next_cursor of this list');
  return parts as CursorPart[];
}

// JSON's 1e999 is Infinity, which no column can be compared with.
const isExact = (part: unknown): boolean => typeof part !== 'number' || Number.isSafeInteger(part);

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown;
  } catch {
    return null;
  }
}
