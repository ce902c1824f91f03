import OAuth2Strategy from 'passport-oauth2';
import { type IssuedToken, type TokenEndpoint } from './token-endpoint.js';
import { type SignInSettings } from './sign-in-settings.js';

/** What the browser keeps, sealed, while its user is at the token server. */
export interface Ticket {
  state: string;
  /** Of PKCE. */
  verifier: string;
  returnTo: string;
}

/** What the strategy is given in place of a request: it needs no more of one. */
export interface Visit {
  query: { code?: string; state?: string; error?: string };
  /** Found here when a visit begins one. */
  ticket: Pick<Ticket, 'state' | 'verifier'> | null;
}

/** How a visit goes on. */
export type Outcome =
  | { kind: 'redirect'; location: string }
  | { kind: 'token'; token: IssuedToken }
  | { kind: 'no'; isStateWrong: boolean };

type Stored = (error: Error | null, state: string) => void;
type Verified = (error: Error | null, verifier: string | false, info?: unknown) => void;

/** Keeps state and verifier in the visit's ticket. The strategy tells the callbacks apart by their number of parameters. */
const TICKET_STORE = {
  store(visit: Visit, verifier: string, _state: unknown, _meta: unknown, done: Stored): void {
    const state = crypto.randomUUID();
    visit.ticket = { state, verifier };
    done(null, state);
  },
  verify({ ticket }: Visit, state: string, done: Verified): void {
    done(null, ticket !== null && ticket.state === state ? ticket.verifier : false);
  },
};

/** The authorization-code flow with PKCE and state of passport, with our own call for the token: bounded in time and size. */
export class CodeFlow extends OAuth2Strategy {
  constructor(settings: SignInSettings, endpoint: TokenEndpoint) {
    super(
      {
        authorizationURL: `${settings.publicUrl}/oauth2/auth`,
        tokenURL: `${settings.publicUrl}/oauth2/token`,
        clientID: settings.clientId,
        clientSecret: '',
        callbackURL: settings.redirectUrl,
        ...(settings.scope === null ? {} : { scope: settings.scope }),
        pkce: true,
        state: true,
        store: TICKET_STORE as unknown as OAuth2Strategy.StateStore,
        skipUserProfile: true,
      },
      (
        _access: string,
        _refresh: string,
        issued: object,
        _profile: unknown,
        done: OAuth2Strategy.VerifyCallback,
      ) => done(null, issued),
    );
    Object.assign(this._oauth2, {
      getOAuthAccessToken: (code: string, form: Record<string, string>, done: TokenDone) => {
        endpoint.exchange({ ...form, code }).then(
          (token) => done(null, token.accessToken, undefined, token),
          (error: unknown) => done(error),
        );
      },
    });
  }

  /** One step for one browser. @throws what the token endpoint throws */
  visit(visit: Visit): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const step = Object.assign(Object.create(this) as CodeFlow, {
        redirect: (location: string) => resolve({ kind: 'redirect', location }),
        success: (token: IssuedToken) => resolve({ kind: 'token', token }),
        fail: (_info: unknown, status?: number) => resolve({ kind: 'no', isStateWrong: status === 403 }),
        error: (error: Error) =>
          error instanceof OAuth2Strategy.AuthorizationError
            ? resolve({ kind: 'no', isStateWrong: false })
            : reject(error),
      });
      step.authenticate(visit as unknown as Parameters<OAuth2Strategy['authenticate']>[0]);
    });
  }

  /** What the token endpoint has thrown goes through as it is. */
  protected _createOAuthError(_message: string, error: Error): Error {
    return error;
  }
}

type TokenDone = (error: unknown, access?: string, refresh?: string, results?: IssuedToken) => void;
