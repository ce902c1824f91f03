import { httpMethodOf, isFramingHeader, validateHttpContext } from './http-context.js';
import { type JobContext } from './job.js';

function contextWith(exec: string, info: Partial<JobContext['info']> = {}): JobContext {
  return {
    mode: 'http',
    exec,
    info: { method: '', params: null, headers: null, body: null, kubernetes: null, ...info },
    notify: { webhook: '' },
    begin_at: '',
    end_at: '',
    execute_id: '',
  };
}

const GOOD_URL = 'https://user@api.example.com:8443/a?b=c#d';

describe('what an HTTP job may ask for', () => {
  it.each([GOOD_URL, 'http://127.0.0.1:1', 'http://[::1]/', 'HTTP://EXAMPLE.COM', 'http://例え.jp/あ'])(
    'takes the URL %s',
    (exec) => {
      expect(validateHttpContext(contextWith(exec))).toBeNull();
    },
  );

  it.each([
    ['', 'must not be empty'],
    ['  ', 'must not be empty'],
    ['api.example.com/x', 'must be a URL'],
    ['/relative', 'must be a URL'],
    ['http://', 'must be a URL'],
    ['http://a b/', 'must be a URL'],
    ['localhost:8080', 'must be an http or https URL'],
    ['ftp://example.com/', 'must be an http or https URL'],
    ['javascript:alert(1)', 'must be an http or https URL'],
  ])('refuses the URL "%s": it %s', (exec, rule) => {
    expect(validateHttpContext(contextWith(exec))).toEqual({ path: 'job_context.exec', rule });
  });

  it.each(['', 'GET', 'post', 'Put', 'DELETE', 'patch', 'HEAD'])('takes the method "%s"', (method) => {
    expect(validateHttpContext(contextWith(GOOD_URL, { method }))).toBeNull();
  });

  it.each(['OPTIONS', 'CONNECT', 'TRACE', ' GET', 'FETCH'])('refuses the method "%s"', (method) => {
    expect(validateHttpContext(contextWith(GOOD_URL, { method }))?.path).toBe('job_context.info.method');
  });

  it('takes ordinary headers, with empty values, tabs and text beyond ASCII', () => {
    const headers = {
      Authorization: 'Bearer x',
      'X-Empty': '',
      'x-tab': 'a\tb',
      'x-name': '名前',
      Accept: '*/*',
    };
    expect(validateHttpContext(contextWith(GOOD_URL, { headers }))).toBeNull();
  });

  it.each(['', 'a b', 'a:b', 'ä', 'a\n'])('refuses the header name "%s"', (name) => {
    expect(validateHttpContext(contextWith(GOOD_URL, { headers: { [name]: 'x' } }))).toEqual({
      path: `job_context.info.headers.${name}`,
      rule: 'is not a valid header name',
    });
  });

  it.each(['a\r\nx: y', 'a\n', 'a\0b', '\x7f'])(
    'refuses a header value with a control character',
    (value) => {
      expect(validateHttpContext(contextWith(GOOD_URL, { headers: { 'x-a': value } }))?.rule).toBe(
        'must not contain control characters',
      );
    },
  );

  it.each([
    'Host',
    'content-length',
    'Transfer-Encoding',
    'connection',
    'Keep-Alive',
    'TE',
    'trailer',
    'upgrade',
  ])('refuses the framing header %s', (name) => {
    expect(validateHttpContext(contextWith(GOOD_URL, { headers: { [name]: 'x' } }))?.path).toBe(
      `job_context.info.headers.${name}`,
    );
  });

  it('counts every proxy header as framing, and nothing that only sounds like it', () => {
    expect(isFramingHeader('Proxy-Authorization')).toBe(true);
    expect(isFramingHeader('x-host')).toBe(false);
    expect(isFramingHeader('upgrade-insecure-requests')).toBe(false);
  });

  it('never repeats a value in a rule', () => {
    const fault = validateHttpContext(contextWith(GOOD_URL, { headers: { authorization: 'secret\n' } }));
    expect(JSON.stringify(fault)).not.toContain('secret');
  });
});

describe('the method of a run', () => {
  it('is POST when empty or unknown, else the word in capitals', () => {
    expect(['', 'options', 'get', 'Patch'].map(httpMethodOf)).toEqual(['POST', 'POST', 'GET', 'PATCH']);
  });
});
