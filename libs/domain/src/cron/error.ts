import type { FieldName } from './fields.js';

/** The part of a schedule's text that an error is about. */
export type CronErrorField = FieldName | 'zone' | 'interval';

/**
 * Why a schedule's text is no schedule. `refused`: syntax, range or zone. `never`: well formed, but no date satisfies it
 * (default rule only). `position` counts characters of the text from 0; `rule` says what would have been accepted, and
 * never repeats the text. `field` is null where the text has no such fields.
 */
export class CronError extends Error {
  override readonly name = 'CronError';

  constructor(
    readonly kind: 'refused' | 'never',
    readonly field: CronErrorField | null,
    readonly position: number,
    readonly rule: string,
  ) {
    super(`${field === null ? '' : `field ${field}, `}position ${position}: ${rule}`);
  }
}

export const refused = (field: CronErrorField | null, position: number, rule: string): CronError =>
  new CronError('refused', field, position, rule);
