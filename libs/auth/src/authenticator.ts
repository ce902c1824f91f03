import { Passport } from 'passport';
import { AuthError, type AuthErrorReason } from './auth-errors.js';
import { BearerStrategy } from './bearer.strategy.js';
import { ALL_PERMISSIONS } from './permissions.js';
import { type AuthenticatedRequest, type Principal } from './principal.js';
import { type SessionReader } from './session-reader.js';
import { type TokenVerifier } from './token-verifier.js';

/**
 * Tells who is calling.
 * Throws AuthError for a caller that does not prove it, IntrospectionUnavailable when nobody can tell.
 */
export abstract class Authenticator {
  abstract authenticate(request: AuthenticatedRequest): Promise<Principal>;
}

/** Authentication on: a bearer token of a client that the token server knows; without a header, a session. */
export class TokenAuthenticator extends Authenticator {
  // One of its own: the one that the package shares is the same for every application in the process.
  private readonly passport = new Passport();

  constructor(
    verifier: TokenVerifier,
    private readonly sessions: SessionReader | null,
  ) {
    super();
    this.passport.use(new BearerStrategy(verifier));
  }

  async authenticate(request: AuthenticatedRequest): Promise<Principal> {
    const isWithoutHeader = request.headers.authorization === undefined;
    const signedIn = isWithoutHeader ? await this.sessions?.read(request) : null;
    return signedIn ?? this.byToken(request);
  }

  private byToken({ headers }: AuthenticatedRequest): Promise<Principal> {
    return new Promise((resolve, reject) => {
      const done = (error: unknown, caller: Principal | false | null, reason: AuthErrorReason): void => {
        if (caller) resolve(caller);
        else reject((error as Error | undefined) ?? new AuthError(reason));
      };
      const look = this.passport.authenticate('bearer', { session: false }, done) as Middleware;
      // Passport writes into the request that it is given.
      look({ headers }, null, reject);
    });
  }
}

type Middleware = (request: { headers: unknown }, response: null, next: (error?: unknown) => void) => void;

const MOCK_ADMIN = { userId: 'mock-user-id', clientId: 'mock-client-id' };

/** Authentication off: everyone is one and the same admin, under names that old clients know. */
export class OpenAuthenticator extends Authenticator {
  async authenticate(): Promise<Principal> {
    return { ...MOCK_ADMIN, isAdmin: true, permissions: ALL_PERMISSIONS };
  }
}
