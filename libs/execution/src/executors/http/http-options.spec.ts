import { type HttpAssertion, type HttpInfo } from '@ecron/domain';
import { attemptOf, closeExecutors, createExecutor, NEVER } from '../../../test/http-attempt.js';
import { closeTargets, listenHttp, listenTcp } from '../../../../../test/support/http-target.js';

afterEach(async () => {
  closeTargets();
  await closeExecutors();
});

/** The outcome of one attempt at a server that answers so. */
async function answerWith(body: string | Buffer, info: HttpInfo, status = 200, headers = {}) {
  const { origin } = await listenHttp((response) => response.writeHead(status, headers).end(body));
  return createExecutor().run(attemptOf(origin, info), NEVER);
}

describe('a body of text', () => {
  async function receive(info: HttpInfo & { headers?: Record<string, string>; method?: string }) {
    const target = await listenHttp((response) => response.end());
    await createExecutor().run(attemptOf(target.origin, info), NEVER);
    return target.received[0];
  }

  it('is sent as it is, as plain text', async () => {
    const received = await receive({ body_text: '<a>名</a>\n' });
    expect(received).toMatchObject({ method: 'POST', body: '<a>名</a>\n' });
    expect(received?.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('has the type that the job says', async () => {
    const received = await receive({ body_text: '<a/>', headers: { 'Content-Type': 'application/xml' } });
    expect(received?.headers['content-type']).toBe('application/xml');
  });

  it('may be empty', async () => {
    expect((await receive({ body_text: '' }))?.body).toBe('');
  });
});

describe('the redirects a job allows', () => {
  /** `/N` leads to `/N-1`, `/0` answers. */
  const runChain = async (length: number, info: HttpInfo) => {
    const target = await listenHttp((response, { url }) => {
      const left = Number(url.slice(1));
      if (left === 0) response.end('arrived');
      else response.writeHead(302, { location: `/${left - 1}` }).end('moved');
    });
    return createExecutor().run(attemptOf(`${target.origin}/${length}`, info), NEVER);
  };

  it('are followed, and no more', async () => {
    expect(await runChain(20, { max_redirects: 20 })).toMatchObject({
      kind: 'succeeded',
      result: '"arrived"',
    });
    expect(await runChain(2, { max_redirects: 1 })).toMatchObject({ error: 'more than 1 redirect' });
  });

  it('can be none: the redirect is then an answer like any other', async () => {
    expect(await runChain(1, { max_redirects: 0 })).toMatchObject({ kind: 'failed', statusCode: 302 });
    expect(await runChain(1, { max_redirects: 0, success_codes: [302] })).toMatchObject({
      kind: 'succeeded',
      result: '"moved"',
    });
  });

  it('end a loop', async () => {
    const target = await listenHttp((response) => response.writeHead(307, { location: '/' }).end());
    const outcome = await createExecutor().run(attemptOf(target.origin, { max_redirects: 3 }), NEVER);
    expect(outcome).toMatchObject({ kind: 'failed', error: 'more than 3 redirects' });
    expect(target.received).toHaveLength(4);
  });
});

describe('the success codes of a job', () => {
  it.each([
    [200, ['200-299', 304], 'succeeded'],
    [304, ['200-299', 304], 'succeeded'],
    [404, ['200-299', 404], 'succeeded'],
    [503, ['500-599'], 'succeeded'],
    [200, [201], 'failed'],
    [202, [200], 'failed'],
    [202, [202], 'accepted'],
    [305, ['200-299', 304], 'failed'],
  ] as const)('make %d with %j %s', async (status, codes, kind) => {
    expect(await answerWith('', { success_codes: [...codes] }, status)).toMatchObject({ kind });
  });
});

describe('what a job asserts', () => {
  const STATE = '{"jobs":[{"state":"ok","n":3}],"none":null,"list":[1,{"a":2}]}';
  const judge = async (assert: HttpAssertion, body: string | Buffer = STATE) => answerWith(body, { assert });

  it.each<[HttpAssertion]>([
    [{ json_path: '$.jobs[0].state' }],
    [{ json_path: '$.none' }],
    [{ json_path: '$.jobs[0].state', equals: 'ok' }],
    [{ json_path: "$['jobs'][-1].n", equals: 3 }],
    [{ json_path: '$.list', equals: [1, { a: 2 }] }],
    [{ json_path: '$.jobs[0].n', matches: '^[0-9]$' }],
    [{ json_path: '$.jobs[0].state', equals: 'ok', matches: 'o' }],
    [{ matches: '"state":\\s*"(ok|done)"' }],
  ])('holds: %j', async (assert) => {
    expect(await judge(assert)).toMatchObject({ kind: 'succeeded', statusCode: 200 });
  });

  it.each<[HttpAssertion, string]>([
    [{ json_path: '$.jobs[1]' }, 'the answer has no $.jobs[1]'],
    [{ json_path: '$.__proto__' }, 'the answer has no $.__proto__'],
    [{ json_path: '$.jobs.length' }, 'the answer has no $.jobs.length'],
    [{ json_path: '$.jobs[0].state', equals: 'OK' }, '$.jobs[0].state is not what assert.equals says'],
    [{ json_path: '$.jobs[0].n', equals: '3' }, '$.jobs[0].n is not what assert.equals says'],
    [{ json_path: '$.jobs[0].state', matches: '^k' }, '$.jobs[0].state does not match assert.matches'],
    [{ matches: 'failed' }, 'the answer does not match assert.matches'],
  ])('does not hold: %j', async (assert, error) => {
    expect(await judge(assert)).toMatchObject({
      kind: 'failed',
      retryable: true,
      statusCode: 200,
      error,
      result: STATE_AS_TEXT,
    });
  });
  const STATE_AS_TEXT = JSON.stringify(STATE);

  it('about JSON is not held by another answer', async () => {
    expect(await judge({ json_path: '$.a' }, '<a/>')).toMatchObject({
      error: 'the answer is no JSON, so there is no $.a',
    });
    expect(await judge({ json_path: '$.a' }, `{"a":"${'x'.repeat(70_000)}"}`)).toMatchObject({
      error: 'the answer is too long for $.a to be looked up',
    });
  });

  it.each<HttpAssertion>([{ matches: 'a' }, { equals: [] }])(
    'about JSON is not held by an answer that is too deep: %j',
    async (assert) => {
      const body = '['.repeat(10_000) + ']'.repeat(10_000);
      expect(await judge({ json_path: '$[0]', ...assert }, body)).toMatchObject({
        kind: 'failed',
        error: 'the answer is nested too deeply for $[0] to be looked up',
      });
    },
  );

  it('does not mend a bad status', async () => {
    const outcome = await answerWith(STATE, { assert: { matches: 'ok' } }, 500);
    expect(outcome).toMatchObject({ kind: 'failed', error: 'the target answered 500 Internal Server Error' });
  });

  it('is looked for in the first 16 KB', async () => {
    expect(await judge({ matches: 'end$' }, `${'x'.repeat(16_381)}end`)).toMatchObject({ kind: 'succeeded' });
    expect(await judge({ matches: 'end' }, `${'x'.repeat(16_382)}end`)).toMatchObject({ kind: 'failed' });
  });

  it('takes no more than its length to be looked for, whatever the expression', async () => {
    const matches = '^(a+)+$';
    // An engine that goes back would not come to an end.
    expect(await judge({ matches }, `${'a'.repeat(16_000)}!`)).toMatchObject({ kind: 'failed' });
  });
});

describe('an assertion that cannot be used', () => {
  const check = (assert: HttpAssertion) =>
    createExecutor().check(attemptOf('http://target.test', { assert }).context);

  it.each(['(', '(?=a)', '(a)\\1', '*'])('is refused when it is saved: %s', (matches) => {
    expect(check({ matches })).toEqual({
      path: 'job_context.info.assert.matches',
      rule: 'must be a regular expression of RE2 (no look-around, no back-references)',
    });
  });

  it.each(['a{1000}', '((a{10}){10}){10}', '(\\pL{50}){9}'])('is refused for its size: %s', (matches) => {
    expect(check({ matches })?.rule).toBe('is too large: use fewer repetitions');
  });

  it('ends its run where it was saved all the same', async () => {
    expect(await answerWith('', { assert: { matches: '(' } })).toMatchObject({
      kind: 'failed',
      retryable: false,
      reason: 'bad target',
      error: expect.stringContaining('job_context.info.assert.matches') as string,
    });
  });
});

describe('the head of an answer', () => {
  const HEADERS = { 'x-request-id': 'r-1', 'set-cookie': 'session=secret', date: 'today' };

  it('of a failure is kept, without cookies', async () => {
    expect(await answerWith('', {}, 500, HEADERS)).toMatchObject({
      kind: 'failed',
      headers: { 'x-request-id': 'r-1', date: 'today' },
    });
  });

  it('of a success is kept where the job says so', async () => {
    expect(await answerWith('', {}, 200, HEADERS)).not.toHaveProperty('headers');
    const kept = await answerWith('', { keep_head: true }, 200, { ...HEADERS, 'set-cookie': ['a=1', 'b=2'] });
    expect(kept).toMatchObject({ headers: { 'x-request-id': 'r-1' } });
    expect(JSON.stringify(kept)).not.toContain('a=1');
  });

  it('is kept up to 2 KB, by whole headers', async () => {
    const outcome = await answerWith('', {}, 500, { 'x-a': 'a'.repeat(2000), 'x-b': 'b'.repeat(100) });
    expect(Object.keys((outcome as { headers: object }).headers)).toEqual(['x-a']);
  });
});

describe('where a redirect came from', () => {
  const refererOf = async (headers: Record<string, string> | null, isAway: boolean) => {
    const other = await listenHttp((response) => response.end());
    const target = await listenHttp((response, { url }) => {
      if (url.startsWith('/from')) response.writeHead(302, { location: isAway ? other.origin : '/to' });
      response.end();
    });
    const from = `${target.origin.replace('//', '//user:password@')}/from?token=secret#part`;
    await createExecutor().run(attemptOf(from, { headers }), NEVER);
    return { referer: [...target.received, ...other.received][1]?.headers.referer, origin: target.origin };
  };

  it('is told within one origin, without user and password', async () => {
    const { referer, origin } = await refererOf(null, false);
    expect(referer).toBe(`${origin}/from?token=secret`);
  });

  it('is told without path and query to another origin', async () => {
    const { referer, origin } = await refererOf(null, true);
    expect(referer).toBe(`${origin}/`);
  });

  it('is what the job says where it says something', async () => {
    expect((await refererOf({ Referer: 'https://mine.test/' }, true)).referer).toBe('https://mine.test/');
  });
});

describe('a kept connection that the target closes as the next request goes out', () => {
  /** Answers the first request of each connection and breaks off at the second. */
  const listenBreaking = () =>
    listenTcp((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
        socket.once('data', () => socket.resetAndDestroy());
      });
    });

  it.each([
    [1, true],
    [2, undefined],
  ])('lets the attempt after number %d follow at once: %p', async (attempt, retriesAtOnce) => {
    const { origin } = await listenBreaking();
    const executor = createExecutor({ connectionsPerOrigin: 1 });
    expect(await executor.run(attemptOf(origin), NEVER)).toMatchObject({ kind: 'succeeded' });
    const outcome = await executor.run(attemptOf(origin, {}, { attempt }), NEVER);
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true });
    expect((outcome as { retriesAtOnce?: boolean }).retriesAtOnce).toBe(retriesAtOnce);
  });

  it('is another thing than an answer that breaks off, which waits for its backoff', async () => {
    const target = await listenTcp((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', () => socket.end()),
      );
    });
    const outcome = await createExecutor().run(attemptOf(target.origin, {}, { attempt: 1 }), NEVER);
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(outcome).not.toHaveProperty('retriesAtOnce');
  });
});
