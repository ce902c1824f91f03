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
    app = module.createNestApplication<NestFastifyApplication>(new RestAdapter(), { logger: false });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });

  afterAll(() => app.close());

  async function call(method: 'GET' | 'POST' | 'DELETE', url: string) {
    const { statusCode, headers, body } = await app.inject({ method, url });
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

  it('hides the text of an error of ours behind an id', async () => {
    const { statusCode, json } = await call('GET', '/thing/broken');
    expect([statusCode, json?.cause]).toEqual([500, 'Internal error']);
    expect(json?.detail).toEqual({ correlation_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
  });

  it('takes a path with hundreds of ids', async () => {
    expect((await call('POST', `/thing/${'x'.repeat(37 * 900)}`)).statusCode).toBe(200);
  });
});
