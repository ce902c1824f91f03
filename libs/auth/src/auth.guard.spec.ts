import { FakeTokenServer } from '@ecron/testing';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  Get,
  Post,
} from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Public, Requires } from './access.js';
import { AuthError, IntrospectionUnavailable, PermissionDenied } from './auth-errors.js';
import { AuthModule, type TokenServerOptions } from './auth.module.js';
import { CallerProof } from './caller-proof.js';
import { ALL_PERMISSIONS } from './permissions.js';
import { type AuthenticatedRequest, CurrentPrincipal, type Principal } from './principal.js';
import { SessionReader } from './session-reader.js';
import { TokenVerifier } from './token-verifier.js';

const OWN_TENANT = ALL_PERMISSIONS.filter((permission) => permission !== 'ecron.admin');
const GUEST: Principal = {
  userId: 'guest',
  clientId: '',
  isAdmin: false,
  permissions: ['ecron.job.execute'],
};

class Knock extends CallerProof {
  prove({ query }: AuthenticatedRequest): Principal | null {
    return (query as { knock?: string }).knock === 'twice' ? GUEST : null;
  }
}

@Controller()
class Probe {
  @Get('whoami')
  @Requires('ecron.job.read')
  whoami(@CurrentPrincipal() caller: Principal): Principal {
    return caller;
  }

  @Post('run')
  @Requires('ecron.job.execute', Knock)
  run(@CurrentPrincipal() caller: Principal): Principal {
    return caller;
  }

  @Get('forgotten')
  forgotten(): string {
    return 'anything';
  }

  @Public()
  @Get('health')
  health(): string {
    return 'OK';
  }
}

/** Shows what the guard threw. */
@Catch(AuthError, IntrospectionUnavailable, PermissionDenied)
class ShowError implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): void {
    const status = error instanceof AuthError ? 401 : error instanceof PermissionDenied ? 403 : 503;
    const reply = host.switchToHttp().getResponse<{ code(status: number): { send(body: string): void } }>();
    reply.code(status).send(error.message);
  }
}

describe('AuthGuard', () => {
  let app: NestFastifyApplication | undefined;

  async function start(auth: DynamicModule): Promise<void> {
    const module = await Test.createTestingModule({
      imports: [auth],
      controllers: [Probe],
      providers: [Knock],
    }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    app.useGlobalFilters(new ShowError());
    await app.init();
  }
  async function get(url: string, authorization?: string): Promise<{ status: number; body: string }> {
    return call('GET', url, authorization === undefined ? {} : { authorization });
  }
  async function call(method: 'GET' | 'POST', url: string, headers: Record<string, string> = {}) {
    const answer = await app?.inject({ method, url, headers });
    return { status: answer?.statusCode ?? 0, body: answer?.body ?? '' };
  }

  afterEach(() => app?.close());

  describe('with a token server', () => {
    let server: FakeTokenServer;
    const options = (): TokenServerOptions => ({
      url: server.url,
      scopeClaim: null,
      requireScopes: false,
      cacheMs: 60_000,
    });
    async function restart(...parameters: Parameters<typeof AuthModule.withTokenServer>): Promise<void> {
      await app?.close();
      await start(AuthModule.withTokenServer(...parameters));
    }

    beforeEach(async () => {
      server = new FakeTokenServer();
      await server.start();
      await start(AuthModule.withTokenServer(options()));
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
          permissions: OWN_TENANT,
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

    it('believes what it was told for a while', async () => {
      expect((await get('/whoami', 'Bearer good')).status).toBe(200);
      await server.stop();
      expect((await get('/whoami', 'Bearer good')).status).toBe(200);
    });

    it('asks anew for each call where nothing is to be kept, so that a revoked token counts no longer', async () => {
      await restart({ ...options(), cacheMs: 0 });
      expect((await get('/whoami', 'Bearer good')).status).toBe(200);
      server.knows('good', { active: false });
      expect((await get('/whoami', 'Bearer good')).status).toBe(401);
    });

    it('does not ask about what is no bearer token', async () => {
      await get('/whoami', 'Basic good');
      expect(server.bodies).toEqual([]);
    });

    it('lets only those in whose scopes allow it', async () => {
      server.knows('reader', { active: true, client_id: 'tenant', scope: 'ecron.job.read' });
      const headers = { authorization: 'Bearer reader' };
      expect((await call('GET', '/whoami', headers)).status).toBe(200);
      expect(await call('POST', '/run', headers)).toEqual({
        status: 403,
        body: 'permission denied: ecron.job.execute',
      });
    });

    it('refuses a token without scopes of ours where they are required', async () => {
      await restart({ ...options(), requireScopes: true });
      expect((await get('/whoami', 'Bearer good')).status).toBe(403);
    });

    it('takes permissions from a claim', async () => {
      await restart({ ...options(), scopeClaim: 'ext.rights' });
      server.knows('claimed', { active: true, client_id: 'tenant', ext: { rights: ['ecron.admin'] } });
      const { body } = await get('/whoami', 'Bearer claimed');
      expect(JSON.parse(body)).toMatchObject({ isAdmin: true, permissions: ALL_PERMISSIONS });
    });

    it('is closed where a handler does not say who may call it', async () => {
      server.knows('admin', { active: true, client_id: 'tenant', scope: 'ecron.admin' });
      expect((await get('/forgotten', 'Bearer admin')).status).toBe(403);
      expect((await get('/forgotten')).status).toBe(401);
    });

    it('takes a proof in place of a token, and asks for one without it', async () => {
      const { status, body } = await call('POST', '/run?knock=twice', { authorization: 'Bearer stranger' });
      expect([status, JSON.parse(body)]).toEqual([201, GUEST]);
      expect(server.bodies).toEqual([]);
      expect((await call('POST', '/run?knock=once')).body).toBe('authentication failed: empty');
    });

    it('asks for a session where there is no header, and only there', async () => {
      class Sessions extends SessionReader {
        constructor(private readonly verifier: TokenVerifier) {
          super();
        }
        read({ headers }: AuthenticatedRequest): Promise<Principal | null> {
          const { cookie } = headers;
          return typeof cookie === 'string' ? this.verifier.verify(cookie) : Promise.resolve(null);
        }
      }
      const useFactory = (verifier: TokenVerifier) => new Sessions(verifier);
      await restart(options(), [{ provide: SessionReader, useFactory, inject: [TokenVerifier] }]);
      expect((await call('GET', '/whoami', { cookie: 'good' })).status).toBe(200);
      expect((await call('GET', '/whoami')).body).toBe('authentication failed: empty');
      const both = { cookie: 'good', authorization: 'Bearer stranger' };
      expect((await call('GET', '/whoami', both)).body).toBe('authentication failed: expired');
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
        permissions: ALL_PERMISSIONS,
      });
    });
  });
});
