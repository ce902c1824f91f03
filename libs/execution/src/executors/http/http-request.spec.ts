import { once } from 'node:events';
import { type Socket } from 'node:net';
import { attemptOf, closeExecutors, createExecutor, NEVER } from '../../../test/http-attempt.js';
import { closeTargets, listenHttp, listenTcp } from '../../../../../test/support/http-target.js';
import { type AttemptRequest } from '../../executor/executor.js';
import { TargetGuard } from '../../guard/index.js';

afterEach(async () => {
  closeTargets();
  await closeExecutors();
});

/** Runs one attempt against a server that answers 200 and returns what it received. */
async function receive(info: Partial<AttemptRequest['context']['info']>, rest: Partial<AttemptRequest> = {}) {
  const target = await listenHttp((response) => response.end());
  await createExecutor().run(attemptOf(`${target.origin}/path?q=1#fragment`, info, rest), NEVER);
  const [received] = target.received;
  if (!received) throw new Error('the target received nothing');
  return received;
}

/** Head and body of one request, byte for byte. */
async function receiveBytes(info: Partial<AttemptRequest['context']['info']>): Promise<Buffer> {
  const sockets: Socket[] = [];
  const target = await listenTcp((socket) => sockets.push(socket));
  const run = createExecutor().run(attemptOf(`${target.origin}/p`, info), NEVER);
  const chunks: Buffer[] = [];
  while (!Buffer.concat(chunks).includes('\r\n\r\n')) {
    const [socket] = sockets;
    if (!socket) await new Promise(setImmediate);
    else chunks.push(...((await once(socket, 'data')) as [Buffer]));
  }
  sockets[0]?.end('HTTP/1.1 204 No Content\r\n\r\n');
  await run;
  return Buffer.concat(chunks);
}

describe('the method and body of a request', () => {
  it.each(['POST', 'PUT', 'PATCH', 'put', '', 'OPTIONS'])(
    '"%s" sends the body as compact JSON',
    async (method) => {
      const received = await receive({ method, body: { a: [1, '<&>'], b: null } });
      expect(received.body).toBe('{"a":[1,"<&>"],"b":null}');
      expect(received.headers['content-type']).toBe('application/json');
      expect(received.headers['content-length']).toBe('24');
    },
  );

  it.each(['GET', 'DELETE', 'HEAD', 'get'])('"%s" sends neither body nor content type', async (method) => {
    const received = await receive({ method, body: { a: 1 } });
    expect(received.method).toBe(method.toUpperCase());
    expect(received.body).toBe('');
    expect(received.headers).not.toHaveProperty('content-type');
    expect(received.headers).not.toHaveProperty('content-length');
    expect(received.headers).not.toHaveProperty('transfer-encoding');
  });

  it('an empty or unknown method goes out as POST', async () => {
    expect((await receive({ method: '' })).method).toBe('POST');
    expect((await receive({ method: 'OPTIONS' })).method).toBe('POST');
  });

  it('a job without a body sends the four bytes null', async () => {
    expect((await receive({ method: 'POST', body: null })).body).toBe('null');
    expect((await receive({ method: 'PUT', body: null })).body).toBe('null');
  });

  it('an empty object is sent as such', async () => {
    expect((await receive({ method: 'POST', body: {} })).body).toBe('{}');
  });

  it.each(['application/x-www-form-urlencoded', 'Application/X-WWW-Form-Urlencoded; charset=utf-8'])(
    'a job that sets %s sends escaped pairs',
    async (type) => {
      const body = { 'a b': 'x&y=z', n: 1, yes: true, none: null, deep: { c: [1] }, uml: 'ü' };
      const received = await receive({ headers: { 'Content-Type': type }, body });
      expect(received.body).toBe('a+b=x%26y%3Dz&n=1&yes=true&none=&deep=%7B%22c%22%3A%5B1%5D%7D&uml=%C3%BC');
      expect(received.headers['content-type']).toBe(type);
    },
  );

  it('a form without members is empty', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await receive({ headers, body: null })).body).toBe('');
  });

  it('the length counts bytes, not characters', async () => {
    const received = await receive({ body: { name: '名' } });
    expect(received.body).toBe('{"name":"名"}');
    expect(received.headers['content-length']).toBe('14');
  });

  it('the URL goes out with its query, without its fragment and without the params', async () => {
    expect((await receive({ params: { x: 'y' } })).url).toBe('/path?q=1');
  });
});

describe('the headers of a request', () => {
  it('name the run to the target', async () => {
    const { headers } = await receive({});
    expect(headers).toMatchObject({
      webhook: '/hook/execute-1',
      'x-ecron-execute-id': 'execute-1',
      'x-ecron-job-id': 'job-1',
      'x-ecron-slot': '2026-11-24T17:00:00+08:00',
      'x-ecron-attempt': '2',
      'idempotency-key': 'execute-1',
      'user-agent': 'ecron/1.2.3',
    });
  });

  it('have no slot for a request, and milliseconds only where there are any', async () => {
    expect((await receive({}, { slotAt: null })).headers).not.toHaveProperty('x-ecron-slot');
    const { headers } = await receive(
      {},
      { slotAt: Date.parse('2026-11-24T01:00:00.007Z'), zone: 'America/St_Johns' },
    );
    expect(headers['x-ecron-slot']).toBe('2026-11-23T21:30:00.007-03:30');
  });

  it("let a job's own headers win", async () => {
    const { headers, rawHeaders } = await receive({
      headers: {
        'User-Agent': 'mine',
        'CONTENT-TYPE': 'text/plain',
        'X-Own': 'a',
        Authorization: 'Bearer t',
      },
    });
    expect(headers).toMatchObject({ 'user-agent': 'mine', 'content-type': 'text/plain', 'x-own': 'a' });
    expect(headers.authorization).toBe('Bearer t');
    expect(rawHeaders.filter((name) => name.toLowerCase() === 'user-agent')).toHaveLength(1);
  });

  it('never let a job pass for another run', async () => {
    const mine = ['Webhook', 'X-ECron-Execute-Id', 'x-ecron-job-id', 'x-ecron-slot', 'X-Ecron-Attempt'];
    const forged = Object.fromEntries([...mine, 'Idempotency-Key'].map((name) => [name, 'forged']));
    const { rawHeaders } = await receive({ headers: forged });
    expect(rawHeaders).not.toContain('forged');
    expect((await receive({ headers: forged }, { slotAt: null })).headers).not.toHaveProperty('x-ecron-slot');
  });

  it('leave out empty ones, and framing ones that an adopted job may hold', async () => {
    const { headers } = await receive({
      headers: {
        'x-empty': '',
        Host: 'evil',
        'Content-Length': '1',
        'transfer-encoding': 'chunked',
        te: 'x',
        Connection: 'x',
      },
    });
    expect(headers.host).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(headers['content-length']).toBe('4');
    for (const name of ['x-empty', 'transfer-encoding', 'te']) expect(headers).not.toHaveProperty(name);
    expect(headers.connection).toBe('keep-alive');
  });

  it('send text beyond ASCII as UTF-8', async () => {
    const bytes = await receiveBytes({ method: 'GET', headers: { 'x-name': '名é' } });
    expect(bytes.includes(Buffer.from('x-name: 名é\r\n', 'utf8'))).toBe(true);
  });

  it('carry user and password of the URL as basic credentials, unless the job has its own', async () => {
    const target = await listenHttp((response) => response.end());
    const url = target.origin.replace('//', '//us%40er:p%25w@');
    await createExecutor().run(attemptOf(url), NEVER);
    await createExecutor().run(attemptOf(url, { headers: { authorization: 'Bearer t' } }), NEVER);
    const basic = `Basic ${Buffer.from('us@er:p%w').toString('base64')}`;
    expect(target.received.map(({ headers }) => headers.authorization)).toEqual([basic, 'Bearer t']);
  });

  it('that cannot be put into HTTP end the run without a retry and without showing their value', async () => {
    const target = await listenHttp((response) => response.end());
    const attempt = attemptOf(target.origin, { headers: { 'x-a': 'secret\r\nx-b: 1' } });
    const outcome = await createExecutor().run(attempt, NEVER);
    expect(outcome).toMatchObject({ kind: 'failed', retryable: false });
    expect(JSON.stringify(outcome)).not.toContain('secret');
    expect(target.received).toEqual([]);
  });
});

describe('a URL that cannot be called', () => {
  it.each(['', 'nonsense', 'ftp://127.0.0.1/', 'file:///etc/passwd'])(
    '"%s" fails without a retry',
    async (exec) => {
      expect(await createExecutor().run(attemptOf(exec), NEVER)).toMatchObject({
        kind: 'failed',
        retryable: false,
      });
    },
  );

  it('is told by the guard, before anything is sent', async () => {
    const target = await listenHttp((response) => response.end());
    const guard = new TargetGuard({ ownAddresses: [{ host: '127.0.0.1', port: target.port, what: 'ours' }] });
    expect(await createExecutor({ guard }).run(attemptOf(target.origin), NEVER)).toEqual({
      kind: 'failed',
      retryable: false,
      reason: 'bad target',
      error: `target refused: 127.0.0.1 is ours at port ${target.port}`,
      result: null,
    });
    expect(target.received).toEqual([]);
  });
});
