import { type Config } from '@ecron/config';
import { type ErrorKind } from '@ecron/jobs';

export type Language = Config['lang'];

/** The codes that clients know; the first three digits are the HTTP status. */
const CODES = {
  badRequest: 400_009_001,
  unauthorized: 401_009_001,
  forbidden: 403_009_001,
  notFound: 404_009_001,
  wrongMethod: 405_009_001,
  conflict: 409_009_001,
  tooLarge: 413_009_001,
  tooManyRequests: 429_009_001,
  internal: 500_009_001,
  unavailable: 503_009_001,
} as const;
type CodeName = keyof typeof CODES;

const MESSAGES: Record<CodeName, Record<Language, string>> = {
  badRequest: { zh_CN: '请求错误。', zh_TW: '請求錯誤。', en_US: 'Bad request.' },
  unauthorized: { zh_CN: '授权无效。', zh_TW: '授權無效。', en_US: 'Unauthorized.' },
  forbidden: { zh_CN: '没有权限。', zh_TW: '沒有權限。', en_US: 'Forbidden.' },
  notFound: { zh_CN: '数据不存在。', zh_TW: '資料不存在。', en_US: 'Not found.' },
  wrongMethod: { zh_CN: '请求方法错误。', zh_TW: '請求方法錯誤。', en_US: 'Method not allowed.' },
  conflict: { zh_CN: '数据冲突。', zh_TW: '資料衝突。', en_US: 'Conflict.' },
  tooLarge: { zh_CN: '请求内容过大。', zh_TW: '請求內容過大。', en_US: 'Content too large.' },
  tooManyRequests: { zh_CN: '请求太多。', zh_TW: '請求太多。', en_US: 'Too many requests.' },
  internal: { zh_CN: '内部错误。', zh_TW: '內部錯誤。', en_US: 'Internal error.' },
  unavailable: { zh_CN: '服务不可用。', zh_TW: '服務無法使用。', en_US: 'Service unavailable.' },
};

const CODE_OF: Record<ErrorKind, CodeName> = {
  'bad request': 'badRequest',
  'bad field': 'badRequest',
  'name empty': 'badRequest',
  'bad time': 'badRequest',
  'window reversed': 'badRequest',
  'bad mode': 'badRequest',
  'bad cron': 'badRequest',
  'bad type': 'badRequest',
  'bad status': 'badRequest',
  'bad paging': 'badRequest',
  'no filter': 'badRequest',
  'no status': 'badRequest',
  unauthorized: 'unauthorized',
  forbidden: 'forbidden',
  'unknown job': 'notFound',
  'unknown execution': 'notFound',
  'unknown delivery': 'notFound',
  'unknown secret': 'notFound',
  'unknown path': 'notFound',
  'not configured': 'notFound',
  'wrong method': 'wrongMethod',
  'name taken': 'conflict',
  'execute id taken': 'conflict',
  'already final': 'conflict',
  'no webhook': 'conflict',
  'too many secrets': 'conflict',
  'too large': 'tooLarge',
  'too many requests': 'tooManyRequests',
  internal: 'internal',
  unavailable: 'unavailable',
};

export interface CatalogueEntry {
  status: number;
  code: number;
  message: string;
}

/** What every kind of refusal is answered with. */
export function lookUp(kind: ErrorKind, language: Language): CatalogueEntry {
  const name = CODE_OF[kind];
  const code = CODES[name];
  return { status: Math.floor(code / 1_000_000), code, message: MESSAGES[name][language] };
}
