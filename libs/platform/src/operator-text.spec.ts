import { NewerSchemaError } from '@ecron/persistence';
import { OperatorError, operatorText } from './operator-text.js';

describe('what is printed of an error that ends a start', () => {
  it.each([new OperatorError('mend this'), new NewerSchemaError(['Later9'])])('is one line: %s', (error) => {
    expect(operatorText(error)).toBe(error.message);
  });

  it.each(['ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR'])(
    "is the server's own word where it refuses: %s",
    (code) => {
      const error = Object.assign(new Error("Access denied for user 'u'"), { code });
      expect(operatorText(error)).toBe("the database server refuses: Access denied for user 'u'");
    },
  );

  it('is the trace of anything else', () => {
    expect(operatorText(new Error('why'))).toMatch(/^cannot start: Error: why\n +at /);
    expect(operatorText('text')).toBe('cannot start: text');
  });
});
