import { type AuthenticatedRequest, type Principal } from './principal.js';

/**
 * Tells who is signed in with a browser, for requests without an `Authorization` header: a header always wins.
 * Without such a provider every caller needs a token.
 */
export abstract class SessionReader {
  /**
   * Null: nobody is signed in. Throws AuthError for a session that does not count any more, IntrospectionUnavailable
   * when nobody can tell.
   */
  abstract read(request: AuthenticatedRequest): Promise<Principal | null>;
}
