import { randomBytes } from 'node:crypto';
import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { IntrospectionUnavailable } from '../auth-errors.js';
import { type TokenVerifier } from '../token-verifier.js';
import { CodeFlow, type Ticket, type Visit } from './code-flow.js';
import { SignInError } from './sign-in-errors.js';
import { type SignInSettings } from './sign-in-settings.js';
import { TokenEndpoint } from './token-endpoint.js';

/** No session is longer, whatever the token says. */
export const MAX_SESSION_S = 86_400;
/** Where the token server does not say how long a token lives. */
const SHORT_SESSION_S = 3600;
/** Sealed and encoded it must fit the 4 096 bytes that browsers keep of a cookie. */
const MAX_TOKEN_CHARS = 2600;

/** What a session cookie holds, sealed. */
export interface BrowserSession {
  token: string;
  /** What a write has to show beside the cookie. */
  csrf: string;
}

/** Signs browsers in and out by the authorization-code flow at the token server. */
export class SignIn implements OnModuleDestroy {
  private readonly logger = new Logger(SignIn.name);
  private readonly endpoint: TokenEndpoint;
  private readonly flow: CodeFlow;

  constructor(
    private readonly settings: SignInSettings,
    private readonly verifier: TokenVerifier,
  ) {
    this.endpoint = new TokenEndpoint(settings);
    this.flow = new CodeFlow(settings, this.endpoint);
  }

  /** The one origin whose pages may write with a session. */
  get origin(): string {
    return new URL(this.settings.redirectUrl).origin;
  }

  /** Where the browser has to go, and what it brings back from there. */
  async begin(returnTo: string): Promise<{ location: string; ticket: Ticket }> {
    const visit: Visit = { query: {}, ticket: null };
    const outcome = await this.flow.visit(visit);
    if (outcome.kind !== 'redirect' || visit.ticket === null) throw new SignInError('refused');
    return { location: outcome.location, ticket: { ...visit.ticket, returnTo } };
  }

  /**
   * The session of a browser that comes back.
   * @param query as it came, of strings alone
   * @throws SignInError; AuthError where the token is none for the API; IntrospectionUnavailable
   */
  async finish(
    query: Visit['query'],
    ticket: Ticket | null,
  ): Promise<{ session: BrowserSession; lifetimeS: number }> {
    // Without either the strategy would begin anew.
    if (query.code === undefined && query.error === undefined) throw new SignInError('refused');
    const outcome = await this.flow.visit({ query, ticket }).catch((error: unknown) => this.explain(error));
    if (outcome.kind !== 'token') {
      throw new SignInError(outcome.kind === 'no' && outcome.isStateWrong ? 'not begun here' : 'refused');
    }
    const { accessToken, lifetimeS } = outcome.token;
    if (accessToken.length > MAX_TOKEN_CHARS) throw new SignInError('token too long');
    await this.verifier.verify(accessToken);
    return {
      session: { token: accessToken, csrf: randomBytes(24).toString('base64url') },
      lifetimeS: Math.min(lifetimeS ?? SHORT_SESSION_S, MAX_SESSION_S),
    };
  }

  /**
   * Takes the token back at the token server, and believes in it no longer here; where that fails the log says so, and the
   * token lives on until it expires.
   */
  async end({ token }: BrowserSession): Promise<void> {
    const isRevoked = await this.endpoint.revoke(token);
    // Not before: what is asked while it is being revoked would be remembered.
    this.verifier.forget(token);
    if (isRevoked) return;
    this.logger.warn({
      event: 'sign_out.token_not_revoked',
      msg: 'a token was not revoked at sign-out: the token server did not take it',
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.endpoint.close();
  }

  private explain(error: unknown): never {
    if (error instanceof IntrospectionUnavailable)
      this.logger.warn({
        event: 'sign_in.failed',
        msg: `no token for a code: ${error.cause instanceof Error ? error.cause.message : 'no answer'}`,
      });
    throw error;
  }
}
