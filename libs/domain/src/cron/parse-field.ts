import { refused } from './error.js';
import type { Field } from './fields.js';
import { hashOf } from './hash.js';
import { readNumber, readStep, type Token } from './parse-number.js';
import { readSpecialDay } from './parse-special.js';
import type { FieldValues, ParseContext } from './spec.js';

/** Reads one field; `position` is where it begins in the whole text. @throws CronError */
export function parseField(text: string, position: number, field: Field, context: ParseContext): FieldValues {
  const out: FieldValues = { values: new Set(), star: false, paced: /[*?/]/.test(text) };
  let at = position;
  for (const item of text.split(',')) {
    if (item !== '') readItem({ text: item, position: at, field }, context, out);
    else if (at === position && context.rule === 'default')
      throw refused(field.name, at, 'a list must begin with a value');
    at += item.length + 1;
  }
  return out;
}

function readItem(item: Token, context: ParseContext, out: FieldValues): void {
  const extended = context.rule === 'default';
  if (extended && readSpecialDay(item, context.special)) return;
  if (extended && /^H(\/|$)/i.test(item.text)) readHash(item, context.hashKey, out.values);
  else readRange(item, out);
}

// Days 29 to 31 are left out: a job whose hash falls there would miss months.
const HASHED_DAYS = 28;

function readHash({ text, position, field }: Token, key: string, values: Set<number>): void {
  if (field.name === 'year') throw refused(field.name, position, 'H has no meaning here');
  const span = field.name === 'day_of_month' ? HASHED_DAYS : field.max - field.min + 1;
  const hash = hashOf(key, field.name);
  if (text.length === 1) {
    values.add(field.min + (hash % span));
    return;
  }
  const step = readStep({ text: text.slice(2), position: position + 2, field });
  addSteps(values, field.min + (hash % Math.min(step, span)), field.max, step, field);
}

function readRange({ text, position, field }: Token, out: FieldValues): void {
  const slash = text.indexOf('/');
  const range = slash < 0 ? text : text.slice(0, slash);
  const step =
    slash < 0 ? 1 : readStep({ text: text.slice(slash + 1), position: position + slash + 1, field });
  const [low, high] = readEnds({ text: range, position, field });
  const star = /^[*?]/.test(range);
  if (star && step === 1) out.star = true;
  addSteps(out.values, low, high ?? (slash < 0 ? low : field.top), step, field);
}

/** Both ends, or a lone number. As in robfig/cron, what follows `*-` is not looked at. */
function readEnds({ text, position, field }: Token): [number, number | null] {
  const [low, high, ...rest] = text.split('-', 3) as [string, string?, ...string[]];
  if (low === '*' || low === '?') return [field.min, field.max];
  const from = readNumber({ text: low, position, field });
  if (high === undefined) return [from, null];
  const highAt = position + low.length + 1;
  if (rest.length > 0) throw refused(field.name, highAt + high.length, 'a range has one hyphen');
  const to = readNumber({ text: high, position: highAt, field });
  if (from > to) throw refused(field.name, position, 'a range must not run backwards');
  return [from, to];
}

/** Only in the day of week may `from` and `to` exceed the field's maximum: its 7 is 0. */
function addSteps(values: Set<number>, from: number, to: number, step: number, { max }: Field): void {
  for (let value = from; value <= to; value += step) values.add(value > max ? 0 : value);
}
