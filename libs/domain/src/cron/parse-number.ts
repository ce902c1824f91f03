import { refused } from './error.js';
import type { Field } from './fields.js';

/** A piece of a field and where it begins in the whole text. */
export interface Token {
  readonly text: string;
  readonly position: number;
  readonly field: Field;
}

// A sign is what Go's number parser lets pass, and so the service before this one did.
const DIGITS = /^\+?\d+$/;

/** A number of the field's range, or one of its names in any case. @throws CronError */
export function readNumber({ text, position, field }: Token): number {
  const named = text.length === 3 ? field.names.indexOf(text.toUpperCase()) : -1;
  if (named >= 0) return field.name === 'month' ? named + 1 : named;
  const value = DIGITS.test(text) ? Number(text) : NaN;
  if (value >= field.min && value <= field.top) return value;
  const names = field.names.length > 0 ? ` or a name like ${field.names[0]}` : '';
  throw refused(field.name, position, `must be a number from ${field.min} to ${field.top}${names}`);
}

/** The number behind a `/`; it may exceed the field's range. @throws CronError */
export function readStep({ text, position, field }: Token): number {
  const step = DIGITS.test(text) ? Number(text) : NaN;
  if (step >= 1 && Number.isSafeInteger(step)) return step;
  throw refused(field.name, position, 'a step must be a number from 1 up');
}
