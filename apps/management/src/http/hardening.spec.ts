import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { CONFIG } from '@ecron/config';
import { ErrorFilter } from '../errors/error.filter.js';
import { type Hardening } from './hardening.js';
import { RestAdapter, type ServerOptions } from './rest-adapter.js';

@Controller()
class ThingController {
  @Get('thing')
  list(): object {
    return [];
  }

  @Post('thing')
  @HttpCode(200)
  touch(): void {}

  @Get('health/alive')
  live(): string {
    return 'OK';
  }
}

const SOFT: Hardening = {
  isHttps: false,
  corsOrigins: [],
  rates: { perCaller: 0, perAddress: 0 },
  cookies: null,
};

describe('the hardened HTTP server', () => {
  let app: NestFastifyApplication;

  async function start(own: Partial<Hardening> = {}, options: ServerOptions = {}): Promise<void> {
    const module = await Test.createTestingModule({
      controllers: [ThingController],
      providers: [
        { provide: CONFIG, useValue: { lang: 'en_US' } },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
    }).compile();
    const adapter = new RestAdapter(options);
    adapter.harden({ ...SOFT, ...own });
    app = module.createNestApplication<NestFastifyApplication>(adapter, { logger: false });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  }
  afterEach(() => app.close());

  const call = (url: string, headers: Record<string, string> = {}, method: 'GET' | 'OPTIONS' = 'GET') =>
    app.inject({ method, url, headers });

  it.each(['/thing', '/unknown'])(
    'tells browsers what they may do with %s, and nobody what it is',
    async (url) => {
      await start();
      const { headers } = await call(url);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(Object.keys(headers)).not.toContain('server');
      expect(Object.keys(headers)).not.toContain('x-powered-by');
    },
  );

  it('asks browsers to stay with HTTPS only where they come by it', async () => {
    await start();
    expect((await call('/thing')).headers['strict-transport-security']).toBeUndefined();
    await app.close();
    await start({ isHttps: true });
    expect((await call('/thing')).headers['strict-transport-security']).toBe('max-age=31536000');
  });

  describe('towards pages of other origins', () => {
    const page = { origin: 'https://console.example' };
    const preflight = {
      ...page,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization',
    };

    it('is closed by default', async () => {
      await start();
      expect((await call('/thing', page)).headers['access-control-allow-origin']).toBeUndefined();
      const { statusCode, headers } = await call('/thing', preflight, 'OPTIONS');
      expect([statusCode, headers['access-control-allow-origin']]).toEqual([405, undefined]);
    });

    it('is open to those that are named, with a token and without cookies', async () => {
      await start({ corsOrigins: ['https://console.example'] });
      expect((await call('/thing', page)).headers).toMatchObject({
        'access-control-allow-origin': 'https://console.example',
      });
      const { statusCode, headers } = await call('/thing', preflight, 'OPTIONS');
      expect([statusCode, headers['access-control-allow-headers']]).toEqual([
        204,
        'authorization, content-type',
      ]);
      expect(headers['access-control-allow-credentials']).toBeUndefined();
      const other = await call('/thing', { origin: 'https://evil.example' });
      expect(other.headers['access-control-allow-origin']).toBeUndefined();
    });
  });

  describe('with limits', () => {
    const statuses = async (count: number, headers: Record<string, string>) => {
      const found: number[] = [];
      for (let n = 0; n < count; n += 1) found.push((await call('/thing', headers)).statusCode);
      return found;
    };
    const allOf = (status: number, count: number) => Array.from({ length: count }, () => status);

    it('refuses what one token asks too often, and says when to come again', async () => {
      await start({ rates: { perCaller: 1, perAddress: 0 } });
      const token = { authorization: 'Bearer a' };
      expect(await statuses(10, token)).toEqual(allOf(200, 10));
      const { statusCode, headers, body } = await call('/thing', token);
      expect([statusCode, JSON.parse(body)]).toEqual([
        429,
        {
          cause: 'Too many requests of this caller',
          code: 429009001,
          message: 'Too many requests.',
          detail: null,
        },
      ]);
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(10);
      expect(await statuses(1, { authorization: 'Bearer b' })).toEqual([200]);
    });

    it('counts a session as a caller too, whatever else is among the cookies', async () => {
      await start({ rates: { perCaller: 1, perAddress: 0 } });
      for (let n = 0; n < 10; n += 1) await call('/thing', { cookie: `x=${n}; ecron-session=s` });
      expect(await statuses(1, { cookie: '__Host-ecron-session=s' })).toEqual([200]);
      expect(await statuses(1, { cookie: 'ecron-session=s; y=1' })).toEqual([429]);
    });

    it('refuses an address that comes with another token each time', async () => {
      await start({ rates: { perCaller: 1, perAddress: 1 } });
      for (let n = 0; n < 10; n += 1) await call('/thing', { authorization: `Bearer ${n}` });
      const { statusCode, body } = await call('/thing', { authorization: 'Bearer another' });
      expect([statusCode, JSON.parse(body)]).toMatchObject([
        429,
        { cause: 'Too many requests of this address' },
      ]);
    });

    it('believes in other addresses only what a proxy of ours says', async () => {
      const from = (address: string) => statuses(10, { 'x-forwarded-for': address });
      await start({ rates: { perCaller: 0, perAddress: 1 } });
      expect(await from('192.0.2.1')).toEqual(allOf(200, 10));
      expect(await from('192.0.2.2')).toEqual(allOf(429, 10));
      await app.close();
      await start({ rates: { perCaller: 0, perAddress: 1 } }, { trustedProxies: ['127.0.0.0/8'] });
      expect(await from('192.0.2.1')).toEqual(allOf(200, 10));
      expect(await from('192.0.2.2')).toEqual(allOf(200, 10));
      expect(await from('192.0.2.2')).toEqual(allOf(429, 10));
    });

    it('never refuses a probe', async () => {
      await start({ rates: { perCaller: 0, perAddress: 1 } });
      await statuses(11, {});
      expect((await call('/health/alive')).statusCode).toBe(200);
    });
  });

  it('waits neither for a head nor for a body without end', async () => {
    await start();
    const { requestTimeout, headersTimeout } = app.getHttpServer() as unknown as Record<string, number>;
    expect([requestTimeout, headersTimeout]).toEqual([30_000, 10_000]);
  });

  it('answers a request that does not arrive in the one shape, and hangs up', async () => {
    await start();
    await app.listen(0, '127.0.0.1');
    const server = app.getHttpServer();
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    server.once('connection', (peer: unknown) =>
      server.emit('clientError', Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), peer),
    );
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('The request did not arrive in time');
    expect(answer).toContain('cache-control: no-store');
  });
});
