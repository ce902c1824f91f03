import { isZone, JOB_TYPES, type JobMode, type JobType, parseInstant } from '@ecron/domain';
import { refuse } from '../errors.js';
import { type JobModes } from '../ports/job-modes.js';
import { type Optional } from './job-input.js';

/** Characters, not bytes. */
export const MAX_NAME_LENGTH = 64;
export const MAX_REMARKS_LENGTH = 256;
/** Of the text without the blanks at its end. */
export const MAX_CRON_LENGTH = 128;
/** UTF-8 bytes of the context as compact JSON, counting what the client set. */
export const MAX_CONTEXT_BYTES = 10_240;

/** Length in characters as a reader counts them: an emoji is one. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

export function readName(name: Optional<string>): string {
  if (name === undefined || name === null || name === '') throw refuse.nameEmpty();
  return readText('job_name', name, MAX_NAME_LENGTH);
}

export function readText(path: string, text: string, maxLength: number): string {
  if (lengthOf(text) > maxLength) throw refuse.field(path, `must have at most ${maxLength} characters`);
  return text;
}

/** "" is an unset time. The first instant of 1970 counts as illegal, as it always did. */
export function readTime(field: string, text: Optional<string>): number | null {
  if (text === undefined || text === null || text === '') return null;
  const instant = parseInstant(text);
  if (instant === null || instant === 0) throw refuse.time(field);
  return instant;
}

/** Checks `begin_at`, then `end_at`, then their order. */
export function readWindow(
  begin: Optional<string>,
  end: Optional<string>,
): { beginAt: number | null; endAt: number | null } {
  const beginAt = readTime('begin_at', begin);
  const endAt = readTime('end_at', end);
  if (beginAt !== null && endAt !== null && beginAt > endAt) throw refuse.windowReversed();
  return { beginAt, endAt };
}

export function readMode(mode: Optional<string>, { names }: Pick<JobModes, 'names'>): JobMode {
  const known = names.find((name) => name === mode);
  if (known === undefined) throw refuse.mode();
  return known;
}

/** `cron` is another word for `scheduled`. */
export function readType(type: Optional<string>): JobType {
  const known = type === 'cron' ? 'scheduled' : JOB_TYPES.find((t) => t === type);
  if (known === undefined) throw refuse.type();
  return known;
}

export function readZone(zone: Optional<string>, fallback: string): string {
  if (zone === undefined || zone === null || zone === '') return fallback;
  if (!isZone(zone)) throw refuse.field('time_zone', 'must be the name of an IANA time zone');
  return zone;
}
