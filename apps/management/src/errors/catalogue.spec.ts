import { ERROR_KINDS } from '@ecron/jobs';
import { type Language, lookUp } from './catalogue.js';

const LANGUAGES: Language[] = ['zh_CN', 'zh_TW', 'en_US'];

describe('the catalogue of errors', () => {
  it.each(ERROR_KINDS)('has a status, a code and a message in each language for "%s"', (kind) => {
    const entries = LANGUAGES.map((language) => lookUp(kind, language));
    for (const { status, code, message } of entries) {
      expect(code).toBe(status * 1_000_000 + 9001);
      expect(message).not.toBe('');
    }
  });

  it('says what old clients know, and traditional characters where they are asked for', () => {
    expect(lookUp('bad cron', 'zh_CN').message).toBe('请求错误。');
    expect(lookUp('unauthorized', 'zh_CN').message).toBe('授权无效。');
    expect(lookUp('unknown job', 'zh_TW').message).toBe('資料不存在。');
    expect(lookUp('internal', 'zh_TW').message).toBe('內部錯誤。');
    expect(lookUp('name taken', 'en_US').message).toBe('Conflict.');
  });
});
