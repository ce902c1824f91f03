import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CronError } from '../src/cron/index.js';
import type { DstRule } from '../src/job/job.js';
import { formatInstant, parseInstant } from '../src/time/index.js';
import { plan, slotsAfter } from './support/clocks.js';

interface Vector {
  id: string;
  rule: DstRule;
  class: string;
  expr: string;
  zone: string;
  after: string;
  next: string[];
  error?: 'refused' | 'never';
}

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'vectors', name), 'utf8')) as T;

const vectors = read<Vector[]>('vectors.json');

/** An error stands for itself; a year list that is over may be either, so it is no error here. */
function answer({ expr, zone, rule, after }: Vector): string {
  try {
    const slots = slotsAfter(plan(expr, { zone, dst: rule }), parseInstant(after)!, 5);
    return slots.map((slot) => formatInstant(slot, zone)).join(' ');
  } catch (error) {
    if (error instanceof CronError) return error.kind;
    throw error;
  }
}

describe.each(['default', 'robfig'] as const)('the %s rule', (rule) => {
  const ofRule = vectors.filter((vector) => vector.rule === rule);
  const classes = [...new Set(ofRule.map((vector) => vector.class))];

  it.each(classes)('answers every recorded case of class %s', (name) => {
    const cases = ofRule.filter((vector) => vector.class === name);
    const wanted = cases.map(({ id, error, next }) => `${id}: ${error ?? next.join(' ')}`);
    expect(cases.map((vector) => `${vector.id}: ${answer(vector)}`)).toEqual(wanted);
  });
});

describe('crontab lines as Debian packages ship them', () => {
  const lines = read<{ schedule: string }[]>('crontabs.json').map(({ schedule }) => schedule);
  const ofFields = [...new Set(lines.filter((line) => !line.startsWith('@')))];

  it('are taken with their five fields, the second being 0', () => {
    expect(ofFields.length).toBeGreaterThan(90);
    expect(ofFields.filter((line) => line.trim().split(/\s+/).length !== 5)).toEqual([]);
    expect(ofFields.map((line) => plan(line).next(0))).toEqual(
      ofFields.map((line) => plan(`0 ${line}`).next(0)),
    );
  });
});

describe('expressions met in the tests of other libraries', () => {
  it('either have a slot or are refused at a position within the text', () => {
    for (const { expr } of read<{ expr: string }[]>('expressions.json')) {
      try {
        expect(plan(expr).next(0)).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(CronError);
        expect((error as CronError).position).toBeLessThanOrEqual(expr.length);
      }
    }
  });
});
