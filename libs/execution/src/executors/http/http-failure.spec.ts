import { attemptOf, closeExecutors, createExecutor, NEVER } from '../../../test/http-attempt.js';
import { createDeferred } from '../../../../../test/support/deferred.js';
import {
  closeTargets,
  findClosedPort,
  listenHttp,
  listenTcp,
} from '../../../../../test/support/http-target.js';
import { describeTransportError } from './transport-error.js';

afterEach(async () => {
  closeTargets();
  await closeExecutors();
});

/** Runs an attempt at a server that sends these bytes after the request and ends as told. */
async function talkRaw(bytes: string, end: 'end' | 'resetAndDestroy') {
  const target = await listenTcp((socket) => {
    socket.once('data', () => socket.write(bytes, () => socket[end]()));
  });
  const outcome = await createExecutor().run(attemptOf(target.origin), NEVER);
  return { outcome, host: `127.0.0.1:${target.port}` };
}

describe('a target that cannot be reached', () => {
  it('because nothing listens is a failed attempt that names the address', async () => {
    const port = await findClosedPort();
    expect(await createExecutor().run(attemptOf(`http://127.0.0.1:${port}/`), NEVER)).toEqual({
      kind: 'failed',
      retryable: true,
      error: `connection refused by 127.0.0.1:${port}`,
      result: null,
    });
  });

  it('on any address of its name is told address by address', () => {
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED', address: '::1', port: 9 });
    const unreachable = Object.assign(new Error('x'), { code: 'ENETUNREACH', address: '10.0.0.1', port: 9 });
    expect(describeTransportError(new AggregateError([refused, unreachable]), 'name:9')).toBe(
      'connection refused by [::1]:9; no route to 10.0.0.1:9',
    );
  });

  it.each([
    ['ENOTFOUND', 'host not found: name:9'],
    ['EAI_AGAIN', 'host name could not be looked up: name:9'],
    ['UND_ERR_CONNECT_TIMEOUT', 'no connection to name:9 in time'],
    ['CERT_HAS_EXPIRED', 'certificate of name:9 refused: its message'],
    ['EMFILE', 'this node has no sockets left'],
    ['ESOMETHING', 'the request failed: its message'],
  ])('by %s is told in a sentence without a stack', (code, text) => {
    const error = Object.assign(new Error('its message\n    at somewhere'), { code });
    expect(describeTransportError(error, 'name:9')).toBe(text);
  });
});

describe('a target that breaks off', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n';

  it.each([
    ['before a word', '', 'end'],
    ['before a word by a reset', '', 'resetAndDestroy'],
    ['in its head', 'HTTP/1.1 200', 'end'],
    ['in its body', `${HEAD}half`, 'end'],
    ['in its body by a reset', `${HEAD}half`, 'resetAndDestroy'],
    ['in its chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n', 'end'],
  ] as const)('%s is a failed attempt', async (_, bytes, end) => {
    const { outcome, host } = await talkRaw(bytes, end);
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true, result: null });
    expect(outcome).toMatchObject({ error: expect.stringContaining(host) as string });
  });

  it('or does not speak HTTP is a failed attempt', async () => {
    const { outcome, host } = await talkRaw('SSH-2.0-OpenSSH_9.9\r\n', 'end');
    expect(outcome).toMatchObject({
      kind: 'failed',
      retryable: true,
      error: `the answer of ${host} is not valid HTTP`,
    });
  });

  it('after headers too large to hold is a failed attempt', async () => {
    const { outcome } = await talkRaw(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, 'end');
    expect(outcome).toMatchObject({
      kind: 'failed',
      retryable: true,
      error: expect.stringContaining('too large') as string,
    });
  });
});

describe('the time of an attempt', () => {
  const SHORT = { timeoutMs: 60 };

  it.each([
    ['the head', ''],
    ['the rest of the head', 'HTTP/1.1 200 OK\r\n'],
    ['the body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n1'],
  ])('ends it while %s is missing, and its connection with it', async (_, bytes) => {
    const closed = createDeferred();
    const target = await listenTcp((socket) => {
      socket.once('data', () => socket.write(bytes));
      socket.once('close', () => closed.resolve());
    });
    const outcome = await createExecutor().run(attemptOf(target.origin, {}, SHORT), NEVER);
    expect(outcome).toEqual({ kind: 'timedOut', error: 'no complete answer within 0.06 s' });
    await closed.promise;
  });

  it('covers all redirects together', async () => {
    const target = await listenHttp((response, { url }) => {
      if (url === '/') response.writeHead(302, { location: '/slow' }).end();
    });
    expect(await createExecutor().run(attemptOf(target.origin, {}, SHORT), NEVER)).toMatchObject({
      kind: 'timedOut',
    });
    expect(target.received.map(({ url }) => url)).toEqual(['/', '/slow']);
  });

  it('covers the wait for a connection, and a request that waited too long is never sent', async () => {
    const first = createDeferred<() => void>();
    const target = await listenHttp((response, { url }) => {
      if (url === '/first') first.resolve(() => response.end());
      else response.end();
    });
    const executor = createExecutor({ connectionsPerOrigin: 1 });
    const running = executor.run(attemptOf(`${target.origin}/first`), NEVER);
    const finishFirst = await first.promise;
    const waiting = await executor.run(attemptOf(`${target.origin}/second`, {}, SHORT), NEVER);
    expect(waiting).toMatchObject({ kind: 'timedOut' });
    finishFirst();
    await running;
    await executor.run(attemptOf(`${target.origin}/third`), NEVER);
    expect(target.received.map(({ url }) => url)).toEqual(['/first', '/third']);
  });

  it('may be longer than a timer can hold', async () => {
    const { origin } = await listenHttp((response) => response.end());
    const attempt = attemptOf(origin, {}, { timeoutMs: Number.MAX_SAFE_INTEGER });
    expect(await createExecutor().run(attempt, NEVER)).toMatchObject({ kind: 'succeeded' });
  });
});

describe('a caller that interrupts', () => {
  it('ends the attempt at once, and its connection with it', async () => {
    const caller = new AbortController();
    const closed = createDeferred();
    const target = await listenHttp((response) => {
      response.on('close', closed.resolve);
      caller.abort('cancelled');
    });
    const outcome = await createExecutor().run(attemptOf(target.origin), caller.signal);
    expect(outcome).toEqual({ kind: 'interrupted', error: 'cancelled' });
    await closed.promise;
  });

  it('before the start lets nothing out', async () => {
    const target = await listenHttp((response) => response.end());
    const outcome = await createExecutor().run(attemptOf(target.origin), AbortSignal.abort());
    expect(outcome).toEqual({ kind: 'interrupted', error: 'the attempt was interrupted' });
    expect(target.received).toEqual([]);
  });

  it('after the end changes nothing', async () => {
    const caller = new AbortController();
    const { origin } = await listenHttp((response) => response.end('done'));
    const outcome = await createExecutor().run(attemptOf(origin), caller.signal);
    caller.abort();
    expect(outcome).toEqual({ kind: 'succeeded', statusCode: 200, result: '"done"' });
  });
});

describe('a herd', () => {
  it('of a thousand attempts at one origin gets through, each with its own identity', async () => {
    const target = await listenHttp((response, { headers }) => response.end(headers['x-ecron-execute-id']));
    const executor = createExecutor({ connectionsPerOrigin: 64 });
    const ids = Array.from({ length: 1000 }, (_, i) => `execute-${i}`);
    const runs = ids.map((executeId) => executor.run(attemptOf(target.origin, {}, { executeId }), NEVER));
    const results = (await Promise.all(runs)).map((outcome) =>
      'result' in outcome ? outcome.result : outcome,
    );
    expect(results).toEqual(ids.map((id) => JSON.stringify(id)));
  });
});

describe('closing', () => {
  it('waits for the attempt in flight, may be asked twice, and lets nothing more out', async () => {
    const target = await listenHttp((response) => setImmediate(() => response.end()));
    const executor = createExecutor();
    const running = executor.run(attemptOf(target.origin), NEVER);
    await Promise.all([executor.close(), executor.close()]);
    expect(await running).toMatchObject({ kind: 'succeeded' });
    expect(await executor.run(attemptOf(target.origin), NEVER)).toMatchObject({
      kind: 'failed',
      error: 'the executor is closed',
    });
    expect(target.received).toHaveLength(1);
  });
});
