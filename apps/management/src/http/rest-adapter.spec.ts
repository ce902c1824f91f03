import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { CONFIG } from '@ecron/config';
import { ErrorFilter } from '../errors/error.filter.js';
import { RestAdapter } from './rest-adapter.js';

@Controller('thing')
class ThingController {
  @Get()
  list(): object {
    return [];
  }

  @Get('broken')
  fail(): never {
    throw new Error('SELECT secret');
  }

  @Post(':id')
  @HttpCode(200)
  touch(): void {}
}

describe('the HTTP server', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const module = await Test.createTestingModule({
      controllers: [ThingController],
      providers: [
        { provide: CONFIG, useValue: { lang: 'en_US' } },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
    }).compile();
    const adapter = new RestAdapter();
    adapter.refuseForeignPages('127.0.0.1');
    app = module.createNestApplication<NestFastifyApplication>(adapter, { logger: false });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });

  afterAll(() => app.close());

  async function call(method: string, url: string) {
    const { statusCode, headers, body } = await app.inject({ method: method as 'GET', url });
    return {
      statusCode,
      headers,
      json: body === '' ? null : (JSON.parse(body) as { cause?: string; detail: unknown }),
    };
  }

  it('answers JSON without a charset, also where there is no body', async () => {
    expect((await call('GET', '/thing')).headers['content-type']).toBe('application/json');
    const empty = await call('POST', '/thing/1');
    expect([empty.statusCode, empty.headers['content-type'], empty.headers['content-length']]).toEqual([
      200,
      'application/json',
      '0',
    ]);
  });

  it('tells a wrong method from an unknown path, and names the right ones', async () => {
    const wrong = await call('DELETE', '/thing');
    expect([wrong.statusCode, wrong.headers.allow, wrong.json?.cause]).toEqual([
      405,
      'GET, HEAD',
      'Method not allowed',
    ]);
    expect((await call('QUERY', '/thing')).statusCode).toBe(405);
    expect((await call('GET', '/nothing')).json).toMatchObject({
      cause: '404 page not found',
      code: 404_009_001,
    });
  });

  it('leads on from a slash too many, with the query', async () => {
    const { statusCode, headers } = await call('GET', '/thing/?a=1');
    expect([statusCode, headers.location]).toEqual([301, '/thing?a=1']);
    expect((await call('POST', '/thing/1/')).statusCode).toBe(307);
    expect((await call('GET', '/nothing/')).statusCode).toBe(404);
  });

  it('answers a path that cannot be decoded in the one shape', async () => {
    const { statusCode, headers, json } = await call('GET', '/thing/%zz');
    expect([statusCode, headers['content-type']]).toEqual([400, 'application/json']);
    expect(json).toEqual({
      cause: 'The path is malformed',
      code: 400_009_001,
      message: 'Bad request.',
      detail: null,
    });
  });

  describe('that is listening', () => {
    beforeAll(() => app.listen(0, '127.0.0.1'));

    const say = async (bytes: string): Promise<string[]> => {
      const { port } = app.getHttpServer().address() as AddressInfo;
      const socket = connect(port, '127.0.0.1');
      socket.end(bytes);
      const answer = await text(socket);
      return answer.split('\r\n\r\n');
    };

    it.each([
      [
        'too large a head',
        `GET /thing HTTP/1.1\r\nx: ${'x'.repeat(70_000)}\r\n\r\n`,
        413,
        'Content too large.',
      ],
      ['what is no request', 'hello\r\n\r\n', 400, 'Bad request.'],
    ])('answers %s in the one shape', async (_, bytes, status, message) => {
      const [head = '', body = ''] = await say(bytes);
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(head).toContain('content-type: application/json');
      expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
      expect(JSON.parse(body)).toMatchObject({ code: status * 1_000_000 + 9_001, message, detail: null });
    });
  });

  it('hides the text of an error of ours behind an id', async () => {
    const { statusCode, json } = await call('GET', '/thing/broken');
    expect([statusCode, json?.cause]).toEqual([500, 'Internal error']);
    expect(json?.detail).toEqual({ correlation_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
  });

  it('refuses what comes from a page of another origin, before anything is done', async () => {
    for (const url of ['/thing/1', '/nothing']) {
      const headers = { host: 'localhost:80', origin: 'http://evil.test' };
      const { statusCode, body } = await app.inject({ method: 'POST', url, headers });
      expect([statusCode, JSON.parse(body)]).toEqual([
        403,
        {
          cause: 'The Origin is not that of this server',
          code: 403_009_001,
          message: 'Forbidden.',
          detail: null,
        },
      ]);
    }
  });

  it('takes a path with hundreds of ids', async () => {
    expect((await call('POST', `/thing/${'x'.repeat(37 * 900)}`)).statusCode).toBe(200);
  });
});
