import { type SignIn, SignInError } from '@ecron/auth';

/** The way in for browsers; there is none where it is not configured. */
export class SignInGate {
  constructor(private readonly signIn: SignIn | null) {}

  get isOpen(): boolean {
    return this.signIn !== null;
  }

  /** @throws SignInError where nobody signs in with a browser */
  open(): SignIn {
    if (this.signIn === null) throw new SignInError('off');
    return this.signIn;
  }
}
