import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { AuthError } from '../auth-errors.js';
import { CachingIntrospector } from '../caching-introspector.js';
import { type Introspection, TokenIntrospector } from '../token-introspector.js';
import { TokenVerifier } from '../token-verifier.js';
import { SignIn } from './sign-in.js';

/** Knows which tokens the server has taken back. */
class Source extends TokenIntrospector {
  isRevoked = false;
  asked = 0;

  async introspect(): Promise<Introspection> {
    this.asked++;
    return { active: !this.isRevoked, clientId: 'tenant', subject: 'alice', scopes: [], expiresAt: null };
  }
}

const SESSION = { token: 'token', csrf: 'csrf' };

describe('signing out', () => {
  let server: Server;
  let source: Source;
  let verifier: TokenVerifier;
  let signIn: SignIn;
  let status: number;

  beforeEach(async () => {
    status = 200;
    source = new Source();
    server = createServer((_request, response) => {
      source.isRevoked = status === 200;
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    verifier = new TokenVerifier(new CachingIntrospector(source, { activeMs: 60_000 }), {
      requireScopes: false,
    });
    signIn = new SignIn(
      {
        publicUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        clientId: 'browser',
        clientSecret: null,
        clientAuth: 'client_secret_basic',
        redirectUrl: 'http://127.0.0.1/auth/callback',
        scope: null,
      },
      verifier,
    );
    await verifier.verify(SESSION.token);
  });
  afterEach(async () => {
    await signIn.onModuleDestroy();
    server.close();
  });

  it('ends the session at once, however long tokens are believed in', async () => {
    await signIn.end(SESSION);
    await expect(verifier.verify(SESSION.token)).rejects.toThrow(AuthError);
  });

  it('asks anew about a token that could not be taken back, and says so', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    status = 503;
    await signIn.end(SESSION);
    expect(await verifier.verify(SESSION.token)).toMatchObject({ userId: 'alice' });
    expect(source.asked).toBe(2);
    expect(warn.mock.calls).toEqual([
      [expect.objectContaining({ event: 'sign_out.token_not_revoked' }) as object],
    ]);
    warn.mockRestore();
  });
});
