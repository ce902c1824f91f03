/**
 * `off`: not configured. `not begun here`: the browser brings no ticket, or another one's. `refused`: the token server,
 * or whoever was asked there, says no. `code refused`: the code is used, expired or not ours. `token too long`: a
 * cookie cannot hold it.
 */
export type SignInRefusal = 'off' | 'not begun here' | 'refused' | 'code refused' | 'token too long';

/** Signing in did not work out; nobody is signed in by it. */
export class SignInError extends Error {
  constructor(readonly reason: SignInRefusal) {
    super(`signing in failed: ${reason}`);
    this.name = 'SignInError';
  }
}

/** A session came along with a request that a page of ours may not have made. */
export class ForeignRequestError extends Error {
  constructor(readonly reason: 'another origin' | 'no csrf token') {
    super(`refused with a session: ${reason}`);
    this.name = 'ForeignRequestError';
  }
}
