import { FakeTokenServer } from '@ecron/testing';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  Get,
} from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AuthError, IntrospectionUnavailable } from './auth-errors.js';
import { Public } from './auth.guard.js';
import { AuthModule } from './auth.module.js';
import { CurrentPrincipal, type Principal } from './principal.js';

@Controller()
class Probe {
  @Get('whoami')
  whoami(@CurrentPrincipal() caller: Principal): Principal {
    return caller;
  }

  @Public()
  @Get('health')
  health(): string {
    return 'OK';
  }
}

/** Shows what the guard threw. */
@Catch(AuthError, IntrospectionUnavailable)
class ShowError implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): void {
    const status = error instanceof AuthError ? 401 : 503;
    const reply = host.switchToHttp().getResponse<{ code(status: number): { send(body: string): void } }>();
    reply.code(status).send(error.message);
  }
}

describe('AuthGuard', () => {
  let app: NestFastifyApplication | undefined;

  async function start(auth: DynamicModule): Promise<void> {
    const module = await Test.createTestingModule({ imports: [auth], controllers: [Probe] }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    app.useGlobalFilters(new ShowError());
    await app.init();
  }
  async function get(url: string, authorization?: string): Promise<{ status: number; body: string }> {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await app?.inject({ method: 'GET', url, headers });
    return { status: answer?.statusCode ?? 0, body: answer?.body ?? '' };
  }

  afterEach(() => app?.close());

  describe('with a token server', () => {
    let server: FakeTokenServer;

    beforeEach(async () => {
      server = new FakeTokenServer();
      await start(AuthModule.withTokenServer(await server.start()));
      server.knows('good', { active: true, client_id: 'tenant', sub: 'user', scope: 'jobs' });
    });
    afterEach(() => server.stop());

    it.each(['Bearer good', 'bearer good', 'Bearer   good'])(
      'admits "%s" as its client',
      async (authorization) => {
        const { status, body } = await get('/whoami', authorization);
        expect(status).toBe(200);
        expect(JSON.parse(body)).toEqual({
          userId: 'user',
          clientId: 'tenant',
          isAdmin: false,
          scopes: ['jobs'],
        });
      },
    );

    it.each([
      [undefined, 'empty'],
      ['', 'empty'],
      ['good', 'invalid'],
      ['Bearer', 'invalid'],
      ['Bearer ', 'invalid'],
      ['Basic good', 'invalid'],
      ['Bearer good good', 'invalid'],
      ['Bearer stranger', 'expired'],
    ])('refuses %p as %s', async (authorization, reason) => {
      expect(await get('/whoami', authorization)).toEqual({
        status: 401,
        body: `authentication failed: ${reason}`,
      });
    });

    it('refuses an active token that belongs to no client', async () => {
      server.knows('orphan', { active: true, sub: 'user' });
      expect((await get('/whoami', 'Bearer orphan')).body).toBe('authentication failed: invalid');
    });

    it('asks anew for each call, so that a revoked token counts no longer', async () => {
      expect((await get('/whoami', 'Bearer good')).status).toBe(200);
      server.knows('good', { active: false });
      expect((await get('/whoami', 'Bearer good')).status).toBe(401);
    });

    it('does not ask about what is no bearer token', async () => {
      await get('/whoami', 'Basic good');
      expect(server.bodies).toEqual([]);
    });

    it('refuses everyone and still answers health while the token server is away', async () => {
      await server.stop();
      expect(await get('/whoami', 'Bearer good')).toEqual({ status: 503, body: 'token server unavailable' });
      expect(await get('/health')).toEqual({ status: 200, body: 'OK' });
    });
  });

  describe('with authentication off', () => {
    it('takes every caller for the one admin', async () => {
      await start(AuthModule.open());
      expect(JSON.parse((await get('/whoami')).body)).toEqual({
        userId: 'mock-user-id',
        clientId: 'mock-client-id',
        isAdmin: true,
        scopes: [],
      });
    });
  });
});
