import { Strategy } from 'passport';
import { AuthError } from './auth-errors.js';
import { type TokenVerifier } from './token-verifier.js';

/** What Passport adds to a strategy for the time of one request. */
interface Actions {
  success(user: object): void;
  fail(challenge: string): void;
  error(error: unknown): void;
}

/** Passport's strategy `bearer`: a token in the `Authorization` header. It fails with an `AuthErrorReason`. */
export class BearerStrategy extends Strategy {
  readonly name = 'bearer';

  constructor(private readonly verifier: TokenVerifier) {
    super();
  }

  override authenticate(request: { headers: { authorization?: string | undefined } }): void {
    const actions = this as unknown as Actions;
    this.verify(request.headers.authorization).then(
      (caller) => actions.success(caller),
      (error: unknown) => {
        if (error instanceof AuthError) actions.fail(error.reason);
        else actions.error(error);
      },
    );
  }

  private async verify(authorization: string | undefined): Promise<object> {
    return this.verifier.verify(bearerToken(authorization));
  }
}

function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined || authorization === '') throw new AuthError('empty');
  const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (token === undefined) throw new AuthError('invalid');
  return token;
}
