import { refused } from './error.js';
import { readNumber, type Token } from './parse-number.js';
import type { SpecialDays } from './spec.js';

/**
 * Reads `L`, `L-n`, `LW`, `nW` (day of month), `dL` and `d#n` (day of week) into `special`.
 * Answers false when the item has none of these forms. @throws CronError when it has, but does not hold.
 */
export function readSpecialDay(item: Token, special: SpecialDays): boolean {
  if (item.field.name === 'day_of_month') return readDayOfMonth(item, special);
  return item.field.name === 'day_of_week' && readDayOfWeek(item, special);
}

const FARTHEST_FROM_END = 30;

function readDayOfMonth({ text, position, field }: Token, special: SpecialDays): boolean {
  const match = /^(?:L(?:-(\d+))?|(LW|WL)|(\d+)W)$/i.exec(text);
  if (!match) return false;
  const [, back = '0', last, near] = match;
  if (near !== undefined) special.nearest |= 1 << readNumber({ text: near, position, field });
  else if (last !== undefined) special.nearest |= 1;
  else if (Number(back) <= FARTHEST_FROM_END) special.fromEnd |= 1 << Number(back);
  else throw refused(field.name, position + 2, `must be a number from 0 to ${FARTHEST_FROM_END}`);
  return true;
}

function readDayOfWeek({ text, position, field }: Token, special: SpecialDays): boolean {
  const match = /^([^#]*)(?:#(.*)|L)$/i.exec(text);
  if (!match) return false;
  const [, day, nth] = match as unknown as [string, string, string?];
  const bit = 1 << (readNumber({ text: day, position, field }) % 7);
  if (nth === undefined) special.lastOf |= bit;
  else if (/^[1-5]$/.test(nth)) special.nthOf[Number(nth) - 1]! |= bit;
  else throw refused(field.name, position + day.length + 1, 'must be a number from 1 to 5');
  return true;
}
