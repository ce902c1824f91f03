import { AuthError } from './auth-errors.js';
import { type Principal } from './principal.js';
import { type TokenIntrospector } from './token-introspector.js';

/**
 * Tells who is calling from the `Authorization` header.
 * Throws AuthError for a caller that does not prove it, IntrospectionUnavailable when nobody can tell.
 */
export abstract class Authenticator {
  abstract authenticate(authorization: string | undefined): Promise<Principal>;
}

/** Authentication on: a bearer token that the token server knows, of a client. */
export class TokenAuthenticator extends Authenticator {
  constructor(private readonly introspector: TokenIntrospector) {
    super();
  }

  async authenticate(authorization: string | undefined): Promise<Principal> {
    const { active, clientId, subject, scopes } = await this.introspector.introspect(
      bearerToken(authorization),
    );
    if (!active) throw new AuthError('expired');
    if (clientId === '') throw new AuthError('invalid');
    return { userId: subject, clientId, isAdmin: false, scopes };
  }
}

const MOCK_ADMIN = { userId: 'mock-user-id', clientId: 'mock-client-id' };

/** Authentication off: everyone is one and the same admin, under names that old clients know. */
export class OpenAuthenticator extends Authenticator {
  async authenticate(): Promise<Principal> {
    return { ...MOCK_ADMIN, isAdmin: true, scopes: [] };
  }
}

function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined || authorization === '') throw new AuthError('empty');
  const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (token === undefined) throw new AuthError('invalid');
  return token;
}
