import { attemptOf, closeExecutors, createExecutor, NEVER } from '../../../test/http-attempt.js';
import { closeTargets, listenHttp, type Target } from '../../../../../test/support/http-target.js';

afterEach(async () => {
  closeTargets();
  await closeExecutors();
});

/** A server whose path says what it does: `/STATUS/LOCATION` redirects, all else is 200. */
async function listenRedirects(location: string): Promise<Target> {
  return listenHttp((response, { url }) => {
    const status = /^\/(30\d)$/.exec(url)?.[1];
    if (status) response.writeHead(Number(status), { location }).end('moved');
    else response.end('arrived');
  });
}

/** `/N` leads to `/N-1`, `/0` answers. */
async function listenChain(): Promise<Target> {
  return listenHttp((response, { url }) => {
    const left = Number(url.slice(1));
    if (left === 0) response.end('arrived');
    else response.writeHead(302, { location: `/${left - 1}` }).end();
  });
}

describe('a redirect', () => {
  it.each([301, 302, 303])('by %d turns a POST into a GET without body and content type', async (status) => {
    const target = await listenRedirects('/there?x=1#part');
    const outcome = await createExecutor().run(
      attemptOf(`${target.origin}/${status}`, { method: 'POST', body: { a: 1 }, headers: { 'x-own': 'o' } }),
      NEVER,
    );
    expect(outcome).toEqual({ kind: 'succeeded', statusCode: 200, result: '"arrived"' });
    const [, second] = target.received;
    expect(second).toMatchObject({ method: 'GET', url: '/there?x=1', body: '' });
    expect(second?.headers).toMatchObject({
      'x-own': 'o',
      webhook: '/hook/execute-1',
      'x-ecron-attempt': '2',
    });
    expect(second?.headers).not.toHaveProperty('content-type');
    expect(second?.headers).not.toHaveProperty('content-length');
  });

  it.each([307, 308])('by %d keeps method and body', async (status) => {
    const target = await listenRedirects('there');
    await createExecutor().run(
      attemptOf(`${target.origin}/${status}`, { method: 'PUT', body: { a: 1 } }),
      NEVER,
    );
    expect(target.received[1]).toMatchObject({ method: 'PUT', url: '/there', body: '{"a":1}' });
    expect(target.received[1]?.headers['content-type']).toBe('application/json');
  });

  it('leaves a HEAD a HEAD', async () => {
    const target = await listenRedirects('/there');
    await createExecutor().run(attemptOf(`${target.origin}/303`, { method: 'HEAD' }), NEVER);
    expect(target.received.map(({ method }) => method)).toEqual(['HEAD', 'HEAD']);
  });

  it('may name its place in UTF-8', async () => {
    const target = await listenRedirects(Buffer.from('/名').toString('latin1'));
    await createExecutor().run(attemptOf(`${target.origin}/302`), NEVER);
    expect(target.received[1]?.url).toBe('/%E5%90%8D');
  });

  it('is followed ten times', async () => {
    const target = await listenChain();
    const outcome = await createExecutor().run(attemptOf(`${target.origin}/10`), NEVER);
    expect(outcome).toMatchObject({ kind: 'succeeded', result: '"arrived"' });
    expect(target.received).toHaveLength(11);
  });

  it('is not followed an eleventh time', async () => {
    const target = await listenChain();
    const outcome = await createExecutor().run(attemptOf(`${target.origin}/11`), NEVER);
    expect(outcome).toEqual({
      kind: 'failed',
      retryable: true,
      error: 'more than 10 redirects',
      result: null,
    });
    expect(target.received).toHaveLength(11);
  });
});

describe('credentials', () => {
  const headers = { Authorization: 'Bearer t', Cookie: 'c=1', 'X-Own': 'o' };
  const rest = { webhookPath: '/hook/execute-1?key=secret' };

  it('stay within their origin', async () => {
    const target = await listenRedirects('/there');
    await createExecutor().run(attemptOf(`${target.origin}/307`, { headers }, rest), NEVER);
    expect(target.received[1]?.headers).toMatchObject({
      authorization: 'Bearer t',
      cookie: 'c=1',
      webhook: '/hook/execute-1?key=secret',
    });
  });

  it('are dropped across origins, ours in the webhook too, and nothing else is', async () => {
    const other = await listenRedirects('/there');
    const target = await listenRedirects(`${other.origin}/elsewhere`);
    await createExecutor().run(attemptOf(`${target.origin}/307`, { headers, body: { a: 1 } }, rest), NEVER);
    const [seen] = other.received;
    expect(seen?.headers).toMatchObject({
      webhook: '/hook/execute-1',
      'x-own': 'o',
      'idempotency-key': 'execute-1',
    });
    expect(seen?.body).toBe('{"a":1}');
    expect(JSON.stringify(seen)).not.toMatch(/secret|Bearer|c=1/);
  });

  it('of the URL are dropped across origins', async () => {
    const other = await listenRedirects('/there');
    const target = await listenRedirects(`${other.origin}/elsewhere`);
    await createExecutor().run(attemptOf(`${target.origin.replace('//', '//u:p@')}/302`), NEVER);
    expect(target.received[0]?.headers).toHaveProperty('authorization');
    expect(other.received[0]?.headers).not.toHaveProperty('authorization');
  });

  it('do not come back when a redirect leads home', async () => {
    const home = await listenHttp((response, { url }) => {
      if (url === '/start') response.writeHead(307, { location: away.origin }).end();
      else response.end();
    });
    const away = await listenHttp((response) =>
      response.writeHead(307, { location: `${home.origin}/end` }).end(),
    );
    await createExecutor().run(attemptOf(`${home.origin}/start`, { headers }, rest), NEVER);
    expect(home.received.map(({ url }) => url)).toEqual(['/start', '/end']);
    expect(home.received[1]?.headers).not.toHaveProperty('authorization');
    expect(home.received[1]?.headers.webhook).toBe('/hook/execute-1');
  });
});

describe('the place a redirect leads to', () => {
  it.each(['http://', 'ftp://127.0.0.1/x', 'file:///etc/passwd'])(
    '"%s" ends the run without a retry',
    async (place) => {
      const target = await listenRedirects(place);
      const outcome = await createExecutor().run(attemptOf(`${target.origin}/302`), NEVER);
      expect(outcome).toMatchObject({ kind: 'failed', retryable: false });
      expect(target.received).toHaveLength(1);
    },
  );

  it('is judged at every hop', async () => {
    const target = await listenHttp((response, { url }) => {
      const location = url === '/2' ? 'http://169.254.169.254/latest' : `/${Number(url.slice(1)) - 1}`;
      response.writeHead(302, { location }).end();
    });
    const outcome = await createExecutor().run(attemptOf(`${target.origin}/3`), NEVER);
    expect(outcome).toEqual({
      kind: 'failed',
      retryable: false,
      reason: 'bad target',
      error: 'target refused: 169.254.169.254 is a cloud metadata address',
      result: null,
    });
    expect(target.received.map(({ url }) => url)).toEqual(['/3', '/2']);
  });
});
