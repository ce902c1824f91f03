import { CronError } from '../src/cron/index.js';
import { plan } from './support/clocks.js';

function refusal(text: string, dst: 'default' | 'robfig' = 'default'): CronError {
  try {
    plan(text, { dst });
  } catch (error) {
    if (error instanceof CronError) return error;
    throw error;
  }
  throw new Error(`taken: ${text}`);
}

const MINUTES = 'must be a number from 0 to 59';
const WEEKDAYS = 'must be a number from 0 to 7 or a name like SUN';
const NO_DATE = 'no date from 1970 to 2199 satisfies it';
const MACROS =
  'must be @every with a duration, or one of @yearly @annually @monthly @weekly @daily @midnight @hourly';

describe('a refused schedule', () => {
  it.each([
    ['', null, 0, 'must have 5, 6 or 7 fields'],
    ['0 0 0 *', null, 0, 'must have 5, 6 or 7 fields'],
    ['0 0 0 * * * * *', null, 14, 'must have 5, 6 or 7 fields'],
    ['60 0 0 * * *', 'second', 0, MINUTES],
    ['0 61 0 * * *', 'minute', 2, MINUTES],
    ['61 0 * * *', 'minute', 0, MINUTES],
    ['0 5,x 0 * * *', 'minute', 4, MINUTES],
    ['0 5-x 0 * * *', 'minute', 4, MINUTES],
    ['0 -5 0 * * *', 'minute', 2, MINUTES],
    ['0 30-10 * * * *', 'minute', 2, 'a range must not run backwards'],
    ['0 1-2-3 * * * *', 'minute', 5, 'a range has one hyphen'],
    ['0 */0 * * * *', 'minute', 4, 'a step must be a number from 1 up'],
    ['0 5/5/5 * * * *', 'minute', 4, 'a step must be a number from 1 up'],
    ['0 ,5 * * * *', 'minute', 2, 'a list must begin with a value'],
    ['  0  0   24 * * *', 'hour', 9, 'must be a number from 0 to 23'],
    ['0 0 0 32W * *', 'day_of_month', 6, 'must be a number from 1 to 31'],
    ['0 0 0 1,L-31 * *', 'day_of_month', 10, 'must be a number from 0 to 30'],
    ['0 0 0 * L *', 'month', 8, 'must be a number from 1 to 12 or a name like JAN'],
    ['0 0 0 * DEC-JAN *', 'month', 8, 'a range must not run backwards'],
    ['0 0 0 * * MONDAY', 'day_of_week', 10, WEEKDAYS],
    ['0 0 0 * * L', 'day_of_week', 10, WEEKDAYS],
    ['0 0 0 * * 5#6', 'day_of_week', 12, 'must be a number from 1 to 5'],
    ['0 0 0 * * 1 1969', 'year', 12, 'must be a number from 1970 to 2199'],
    ['0 0 0 * * 1 H', 'year', 12, 'H has no meaning here'],
    ['@reboot', null, 0, MACROS],
    ['@Daily', null, 0, MACROS],
    ['@every 1d', 'interval', 7, 'must be a duration like 90s or 1h30m'],
    ['CRON_TZ=UTC @every ', null, 12, MACROS],
    ['CRON_TZ=UTC @every 1', 'interval', 19, 'must be a duration like 90s or 1h30m'],
    ['CRON_TZ=Mars/Base 0 0 * * *', 'zone', 8, 'must be an IANA time zone'],
    ['TZ=+08:00 0 0 * * *', 'zone', 3, 'must be an IANA time zone'],
    ['TZ= 0 0 * * *', 'zone', 3, 'must be an IANA time zone'],
    ['TZ=UTC', null, 6, 'a schedule must follow the zone'],
    ['TZ=UTC 0 0 x * *', 'day_of_month', 11, 'must be a number from 1 to 31'],
    ['2025-01-01T00:00:00Z', null, 0, 'must have 5, 6 or 7 fields'],
  ])('%j names field %s, position %i and the rule', (text, field, position, rule) => {
    const error = refusal(text);
    expect(error).toMatchObject({ kind: 'refused', field, position, rule });
    expect(error.message).toBe(`${field ? `field ${field}, ` : ''}position ${position}: ${rule}`);
  });

  it.each([
    ['0 0 31 4 *', 4],
    ['0 0 0 30,31 2 *', 6],
    ['0 0 0 29 2 ? 2025-2027', 6],
    ['CRON_TZ=UTC 0 0 0 L-30 2 ?', 18],
  ])('%j is one that no date satisfies', (text, position) => {
    expect(refusal(text)).toMatchObject({ kind: 'never', field: 'day_of_month', position, rule: NO_DATE });
  });

  it.each([
    '0 0 L * *',
    '0 0 15W * *',
    '0 0 * * 5#1',
    'H * * * *',
    '0 0 * * 7',
    '0 0 0 1 1 ? 2030',
    ' @daily',
  ])('%j is no schedule to robfig/cron', (text) => {
    expect(refusal(text, 'robfig').kind).toBe('refused');
    expect(plan(text).next(0)).not.toBeNull();
  });

  it('does not repeat what was sent', () => {
    expect(refusal('0 <script> * * * *').message).not.toContain('script');
  });

  it('is one for an unknown zone of the job too', () => {
    expect(() => plan('@daily', { zone: 'Nowhere/City' })).toThrow(
      'field zone, position 0: must be an IANA time zone',
    );
  });
});

describe('odd forms that the service before this one took', () => {
  it.each([
    ['0 1,,2,,3 * * * *', '0 1-3 * * * *'],
    ['0 5, * * * *', '0 5 * * * *'],
    ['0 */61 * * * *', '0 0 * * * *'],
    ['0 +5 007 * * *', '0 5 7 * * *'],
    ['0 ?-7/9 * * * *', '0 */9 * * * *'],
    [' \t0 0  9 * * *\n', '0 0 9 * * *'],
    ['@every 1h1h', '@every 2h'],
    ['@every 1.5s', '@every 1s'],
    ['@every 500ms', '@every 1s'],
    ['@every 0s', '@every 1s'],
    ['@every 0', '@every 1s'],
    ['@every -1h', '@every 1s'],
    ['@every +1.5h', '@every 90m'],
    ['@every 1000000us', '@every 1s'],
  ])('%j means %j under either rule', (odd, plain) => {
    for (const dst of ['default', 'robfig'] as const) {
      expect(plan(odd, { dst }).next(1.7e12)).toBe(plan(plain, { dst }).next(1.7e12));
    }
  });
});
