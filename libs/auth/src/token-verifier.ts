import { AuthError } from './auth-errors.js';
import { type PermissionPolicy, permissionsOf } from './permissions.js';
import { type Principal } from './principal.js';
import { type TokenIntrospector } from './token-introspector.js';

/** Tells whose a token is and what it allows. */
export class TokenVerifier {
  constructor(
    private readonly introspector: TokenIntrospector,
    private readonly policy: PermissionPolicy,
  ) {}

  /** @throws AuthError for a token that is worth nothing, IntrospectionUnavailable when nobody can tell. */
  async verify(token: string): Promise<Principal> {
    const { active, clientId, subject, scopes } = await this.introspector.introspect(token);
    if (!active) throw new AuthError('expired');
    if (clientId === '') throw new AuthError('invalid');
    const permissions = permissionsOf(scopes, this.policy);
    return { userId: subject, clientId, isAdmin: permissions.includes('ecron.admin'), permissions };
  }

  /** Makes the next `verify` of the token ask anew, for one that was taken back. */
  forget(token: string): void {
    this.introspector.forget?.(token);
  }
}
