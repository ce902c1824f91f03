import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { Public } from '@ecron/auth';
import { CONFIG } from '@ecron/config';
import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ErrorFilter } from '../errors/error.filter.js';
import { MAX_CONNECTIONS, RestAdapter } from './rest-adapter.js';

@Controller()
class ThingController {
  @Get('thing')
  list(): object {
    return [];
  }

  @Post('thing/:id')
  @HttpCode(200)
  touch(): void {}

  @Public()
  @Post('open/:id')
  @HttpCode(200)
  open(): void {}
}

describe('where a token is asked for', () => {
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
    adapter.harden({
      isHttps: false,
      corsOrigins: [],
      rates: { perCaller: 0, perAddress: 0 },
      cookies: null,
    });
    adapter.refuseNameless();
    app = module.createNestApplication<NestFastifyApplication>(adapter, { logger: false });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  const post = async (url: string, headers: Record<string, string> = {}): Promise<number> =>
    (await app.inject({ method: 'POST', url, headers, payload: '{}' })).statusCode;

  it('a request that brings nothing is refused before its body has come', async () => {
    const socket = connect((app.getHttpServer().address() as AddressInfo).port, '127.0.0.1');
    socket.write('POST /thing/1 HTTP/1.1\r\nhost: here\r\ncontent-length: 1000\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    const [head = '', body = ''] = answer.toString().split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 401 /);
    expect(head).toMatch(/\r\nwww-authenticate: Bearer/i);
    expect(head).toMatch(/\r\nx-frame-options: DENY/i);
    expect(JSON.parse(body)).toEqual({
      cause: 'Empty token',
      code: 401_009_001,
      message: 'Unauthorized.',
      detail: { parameters: ['Authorization'] },
    });
  });

  it.each<[string, string, Record<string, string>]>([
    ['a token', '/thing/1', { authorization: 'Bearer x' }],
    ['a session', '/thing/1', { cookie: 'a=b; __Host-ecron-session=x' }],
    ['a key', '/thing/1?key=x', {}],
  ])('one that brings %s is left to the guard', async (_, url, headers) => {
    expect(await post(url, headers)).toBe(200);
  });

  it('one to a public route, or one that has no body, or to none of ours, goes on', async () => {
    expect(await post('/open/1')).toBe(200);
    expect((await app.inject({ method: 'GET', url: '/thing' })).statusCode).toBe(200);
    expect(await post('/unknown')).toBe(404);
  });

  it('connections are bounded', () => {
    expect(app.getHttpServer()).toMatchObject({ maxConnections: MAX_CONNECTIONS });
  });
});
