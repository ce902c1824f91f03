/** What the token server says of a token (RFC 7662); everything but `active` may be missing there. */
export interface Introspection {
  active: boolean;
  /** '' when the token belongs to no client. */
  clientId: string;
  /** Whom the token was issued for; '' when the server does not say. */
  subject: string;
  scopes: readonly string[];
  /** Epoch milliseconds; null when the server does not say. */
  expiresAt: number | null;
}

/**
 * Asks what a token is worth.
 * Throws IntrospectionUnavailable when there is no answer; an unknown token is an answer (`active: false`).
 */
export abstract class TokenIntrospector {
  abstract introspect(token: string): Promise<Introspection>;

  /** Lets go of what is remembered of the token, for one that was taken back; left out where nothing is. */
  forget?(token: string): void;
}
