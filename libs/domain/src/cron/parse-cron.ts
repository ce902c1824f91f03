import { CronError, refused } from './error.js';
import { FIELDS, ROBFIG_FIELDS, YEAR, type Field } from './fields.js';
import { parseField } from './parse-field.js';
import { buildSpec, noSpecialDays, type CronSpec, type ParseContext } from './spec.js';
import { everFires } from './wall-search.js';

interface Word {
  readonly text: string;
  readonly position: number;
}

const MOST_FIELDS = 7;
const IMPLIED_SECOND: Word = { text: '0', position: 0 };

/**
 * Parses the fields of a cron expression; `position` is where `text` begins in the schedule that errors point into.
 * The rule `robfig` takes what robfig/cron takes: five or six fields, no `L W # H`, no 7 for Sunday, empty lists.
 * @throws CronError
 */
export function parseCron(text: string, position: number, context: Omit<ParseContext, 'special'>): CronSpec {
  const special = noSpecialDays();
  const robfig = context.rule === 'robfig';
  const words = completeFields(splitWords(text, position), position, robfig ? 6 : MOST_FIELDS);
  const fields: readonly Field[] = [...(robfig ? ROBFIG_FIELDS : FIELDS), YEAR];
  const values = words.map((word, i) =>
    parseField(word.text, word.position, fields[i]!, { ...context, special }),
  );
  const spec = buildSpec(values, special);
  if (!robfig && !everFires(spec)) {
    throw new CronError(
      'never',
      'day_of_month',
      words[3]!.position,
      'no date from 1970 to 2199 satisfies it',
    );
  }
  return spec;
}

/** Stops one word after the most that can be right. */
function splitWords(text: string, position: number): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(/\S+/g)) {
    words.push({ text: match[0], position: position + match.index });
    if (words.length > MOST_FIELDS) break;
  }
  return words;
}

function completeFields(words: Word[], position: number, most: number): Word[] {
  if (words.length === 5) return [IMPLIED_SECOND, ...words];
  if (words.length >= 6 && words.length <= most) return words;
  const at = words[most]?.position ?? position;
  throw refused(null, at, most === 6 ? 'must have 5 or 6 fields' : 'must have 5, 6 or 7 fields');
}
