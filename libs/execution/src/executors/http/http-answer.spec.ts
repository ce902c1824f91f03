import { type Completion } from '@ecron/domain';
import { attemptOf, closeExecutors, createExecutor, NEVER, NOW } from '../../../test/http-attempt.js';
import { createDeferred } from '../../../../../test/support/deferred.js';
import { closeTargets, listenHttp } from '../../../../../test/support/http-target.js';
import { RESULT_LIMIT_BYTES } from '../../executor/executor.js';
import { type HttpExecutor } from './http.executor.js';

let executor: HttpExecutor;

beforeEach(() => {
  executor = createExecutor();
});

afterEach(async () => {
  closeTargets();
  await closeExecutors();
});

/** The outcome of one attempt at a server that answers so. */
async function answerWith(
  status: number,
  body: string | Buffer = '',
  headers: Record<string, string> = {},
  completion: Completion = 'auto',
) {
  const { origin } = await listenHttp((response) => response.writeHead(status, headers).end(body));
  return executor.run(attemptOf(origin, {}, { completion }), NEVER);
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

describe('what a status means', () => {
  it.each([
    ['auto', 200, 'succeeded'],
    ['auto', 202, 'accepted'],
    ['auto', 204, 'succeeded'],
    ['response', 202, 'succeeded'],
    ['response', 299, 'succeeded'],
    ['callback', 200, 'accepted'],
    ['callback', 204, 'accepted'],
  ] as const)('completion %s: %d is %s', async (completion, statusCode, kind) => {
    expect(await answerWith(statusCode, '', {}, completion)).toEqual({ kind, statusCode, result: null });
  });

  it.each(['auto', 'response', 'callback'] as const)(
    'completion %s: 500 is a failed attempt',
    async (completion) => {
      expect(await answerWith(500, 'oops', {}, completion)).toEqual({
        kind: 'failed',
        retryable: true,
        statusCode: 500,
        error: 'the target answered 500 Internal Server Error',
        headers: { date: expect.any(String) as string },
        result: '"oops"',
      });
    },
  );

  it.each([304, 400, 404, 429, 503, 599])('%d is a failed attempt', async (statusCode) => {
    expect(await answerWith(statusCode)).toMatchObject({ kind: 'failed', retryable: true, statusCode });
  });

  it.each([300, 301, 302, 307])('%d without a location is a failed attempt', async (statusCode) => {
    expect(await answerWith(statusCode)).toMatchObject({ kind: 'failed', retryable: true, statusCode });
  });

  it.each(['no healthy upstream', 'n', 'null', 'nope'])(
    'a failure that says "%s" is as good as any',
    async (body) => {
      expect(await answerWith(503, body)).toMatchObject({
        kind: 'failed',
        statusCode: 503,
        result: `"${body}"`,
      });
    },
  );

  it('an interim answer is not the answer', async () => {
    const { origin } = await listenHttp((response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.end('last');
    });
    expect(await executor.run(attemptOf(origin), NEVER)).toMatchObject({ statusCode: 200, result: '"last"' });
  });
});

describe('what a target asks for by Retry-After', () => {
  it.each([
    ['120', 120_000],
    ['0', 0],
    [new Date(NOW + 90_000).toUTCString(), 90_000],
    [new Date(NOW - 90_000).toUTCString(), 0],
  ])('"%s" is a pause of %d ms', async (value, retryAfterMs) => {
    expect(await answerWith(503, '', { 'retry-after': value })).toMatchObject({
      kind: 'failed',
      retryAfterMs,
    });
  });

  it.each(['soon', '-1', '1.5', '9'.repeat(30), '2026-11-24'])('"%s" is nothing', async (value) => {
    expect(await answerWith(429, '', { 'retry-after': value })).not.toHaveProperty('retryAfterMs');
  });
});

describe('what is kept of an answer', () => {
  it.each([
    ['{"a": [1.0, 12345678901234567890]}', '{"a": [1.0, 12345678901234567890]}'],
    [' "text"\n', '"text"'],
    ['null', 'null'],
    ['\ufeff{}', '{}'],
  ])('JSON %j stays the JSON it is', async (body, result) => {
    expect(await answerWith(200, body, JSON_TYPE)).toMatchObject({ result });
  });

  it('takes a type that ends in +json for JSON', async () => {
    const headers = { 'content-type': 'application/problem+json' };
    expect(await answerWith(400, '{"title":"x"}', headers)).toMatchObject({ result: '{"title":"x"}' });
  });

  it('keeps what only claims to be JSON as text', async () => {
    expect(await answerWith(200, '{"a":', JSON_TYPE)).toMatchObject({ result: '"{\\"a\\":"' });
  });

  it('keeps JSON that is too deep to be shown as text', async () => {
    const body = '['.repeat(10_000) + ']'.repeat(10_000);
    expect(await answerWith(200, body, JSON_TYPE)).toMatchObject({ result: JSON.stringify(body) });
  });

  it('keeps JSON of another type as text', async () => {
    expect(await answerWith(200, '{}', { 'content-type': 'text/plain' })).toMatchObject({ result: '"{}"' });
  });

  it('keeps bytes that are no UTF-8 as readable text', async () => {
    expect(await answerWith(200, Buffer.from([0x61, 0xff, 0x62]))).toMatchObject({ result: '"a\ufffdb"' });
  });

  it('keeps nothing of what came compressed without being asked', async () => {
    expect(await answerWith(200, 'x', { 'content-encoding': 'gzip' })).toMatchObject({
      kind: 'succeeded',
      result: null,
    });
  });

  it('keeps a JSON document of exactly the limit whole', async () => {
    const body = `"${'x'.repeat(RESULT_LIMIT_BYTES - 2)}"`;
    expect(await answerWith(200, body, JSON_TYPE)).toMatchObject({ result: body });
  });

  it.each([
    ['letters', 'x'],
    ['characters of three bytes', '名'],
    ['characters of four bytes', '😀'],
    ['quotes, which JSON escapes', '"'],
    ['control characters, which JSON makes six times as long', '\u0001'],
  ])('cuts a long answer of %s so that it fits, as well-formed JSON', async (_, character) => {
    const outcome = await answerWith(200, character.repeat(100_000), JSON_TYPE);
    const result = (outcome as { result: string }).result;
    expect(Buffer.byteLength(result)).toBeLessThanOrEqual(RESULT_LIMIT_BYTES);
    expect(Buffer.byteLength(result)).toBeGreaterThan(RESULT_LIMIT_BYTES - 100);
    const text = JSON.parse(result) as string;
    expect(text).toBe(character.repeat(text.length / character.length));
  });

  it('uses the connection again after an answer that was cut', async () => {
    const ports = new Set<number | undefined>();
    const { origin } = await listenHttp((response, _, request) => {
      ports.add(request.socket.remotePort);
      response.end('x'.repeat(500_000));
    });
    for (let i = 0; i < 6; i += 1) await executor.run(attemptOf(origin), NEVER);
    expect(ports.size).toBeLessThan(6);
  });

  it('stops reading an answer without end, and takes its status', async () => {
    const closed = createDeferred();
    const { origin } = await listenHttp((response) => {
      const write = () => {
        while (response.write('y'.repeat(10_000)));
        response.once('drain', write);
      };
      response.on('close', closed.resolve);
      write();
    });
    const outcome = await executor.run(attemptOf(origin), NEVER);
    expect(outcome).toMatchObject({ kind: 'succeeded', statusCode: 200 });
    await closed.promise;
  });
});
