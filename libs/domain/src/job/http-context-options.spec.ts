import { validateHttpContext } from './http-context.js';
import { type HttpInfo } from './http-info.js';
import { type JobContext } from './job.js';

function faultOf(
  info: HttpInfo & { method?: string; body?: JobContext['info']['body'] },
  exec = 'https://target.test/',
) {
  return validateHttpContext({
    mode: 'http',
    exec,
    info: { method: '', params: null, headers: null, body: null, kubernetes: null, ...info },
    notify: { webhook: '' },
    begin_at: '',
    end_at: '',
    execute_id: '',
  });
}

const CODES_RULE = 'must be a status from 200 to 599 or a range such as "200-299"';
const PATH_RULE = 'must be a path to one value, such as $.items[0].state, of at most 256 characters';

describe('the options of an HTTP job', () => {
  it.each<[HttpInfo & { method?: string }]>([
    [{}],
    [{ max_redirects: 0 }],
    [{ max_redirects: 20 }],
    [{ body_text: '', method: 'patch' }],
    [{ success_codes: [200, '304', '400-499'] }],
    [{ assert: { json_path: '$', equals: {} } }],
    [{ assert: { matches: 'ok' } }],
    [{ tls: { verify: false } }],
    [{ tls: { ca: 'pem', cert: 'pem', key: 'pem' } }],
    [{ tls: { verify: false, cert: 'pem', key: 'pem' } }],
  ])('can be %j', (info) => {
    expect(faultOf(info)).toBeNull();
  });

  it.each<[Parameters<typeof faultOf>[0], string, string]>([
    [{ max_redirects: 21 }, 'max_redirects', 'must be a whole number from 0 to 20'],
    [{ max_redirects: -1 }, 'max_redirects', 'must be a whole number from 0 to 20'],
    [{ max_redirects: 1.5 }, 'max_redirects', 'must be a whole number from 0 to 20'],
    [{ body_text: 'a', body: { a: 1 } }, 'body_text', 'must not be set together with body'],
    [{ body_text: 'a', method: 'get' }, 'body_text', 'is not sent by GET'],
    [{ success_codes: [] }, 'success_codes', 'must name 1 to 20 codes'],
    [{ success_codes: Array<number>(21).fill(200) }, 'success_codes', 'must name 1 to 20 codes'],
    [{ success_codes: [200, 199] }, 'success_codes[1]', CODES_RULE],
    [{ success_codes: [600] }, 'success_codes[0]', CODES_RULE],
    [{ success_codes: [200.5] }, 'success_codes[0]', CODES_RULE],
    [{ success_codes: ['299-200'] }, 'success_codes[0]', CODES_RULE],
    [{ success_codes: ['2xx'] }, 'success_codes[0]', CODES_RULE],
    [{ assert: {} }, 'assert', 'must have json_path, matches or both'],
    [{ assert: { equals: 1 } }, 'assert.equals', 'must come with json_path'],
    [{ assert: { json_path: '$.a.*' } }, 'assert.json_path', PATH_RULE],
    [{ assert: { json_path: `$.${'a'.repeat(255)}` } }, 'assert.json_path', PATH_RULE],
    [{ assert: { matches: '' } }, 'assert.matches', 'must have 1 to 256 characters'],
    [{ assert: { matches: 'a'.repeat(257) } }, 'assert.matches', 'must have 1 to 256 characters'],
    [
      { assert: { matches: 'a' }, method: 'head' },
      'assert',
      'has nothing to look at: HEAD has no answer body',
    ],
    [{ tls: { verify: false, ca: 'pem' } }, 'tls.ca', 'has no effect where verify is false'],
    [{ tls: { cert: 'pem' } }, 'tls.cert', 'must come with key'],
    [{ tls: { key: 'pem' } }, 'tls.key', 'must come with cert'],
  ])('cannot be %j', (info, member, rule) => {
    expect(faultOf(info)).toEqual({ path: `job_context.info.${member}`, rule });
  });

  it('have certificates for https only', () => {
    expect(faultOf({ tls: { cert: 'pem', key: 'pem' } }, 'HTTP://target.test')).toEqual({
      path: 'job_context.info.tls.cert',
      rule: 'is for https URLs only',
    });
  });
});
