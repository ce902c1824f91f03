import { awayReason } from './away-reason.js';

const errorOf = (code: string): Error => Object.assign(new Error('for user u with password p'), { code });

describe('what a database server that cannot be used tells', () => {
  it.each(['ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND', 'ER_CON_COUNT_ERROR', 'PROTOCOL_CONNECTION_LOST'])(
    '%s is waited out, and said without what the error says',
    (code) => {
      expect(awayReason(errorOf(code))).toMatch(/^[a-z ]+$/);
      expect(awayReason(new Error('wrapped', { cause: errorOf(code) }))).toMatch(/^[a-z ]+$/);
    },
  );

  it.each(['ER_ACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR', 'ER_PARSE_ERROR'])('%s is not', (code) => {
    expect(awayReason(errorOf(code))).toBeNull();
    expect(awayReason('text')).toBeNull();
  });
});
