import { timingSafeEqual } from 'node:crypto';
import { type AuthenticatedRequest, type Principal } from '../principal.js';
import { SessionReader } from '../session-reader.js';
import { type TokenVerifier } from '../token-verifier.js';
import { ForeignRequestError } from './sign-in-errors.js';
import { type BrowserSession } from './sign-in.js';

/** In lower case, as Node gives it. */
export const CSRF_HEADER = 'x-csrf-token';
const READING = ['GET', 'HEAD', 'OPTIONS'];

/** A request with its cookie opened. */
export interface SessionRequest extends AuthenticatedRequest {
  session?: { get(name: string): unknown };
}

/** The session that a request brings; null: none. */
export function sessionOf(request: SessionRequest): BrowserSession | null {
  const [token, csrf] = [request.session?.get('token'), request.session?.get('csrf')];
  return typeof token === 'string' && typeof csrf === 'string' ? { token, csrf } : null;
}

/**
 * Refuses what comes with a session from a page that is not ours. A write has to show the session's CSRF token, which
 * only pages of our origin can read.
 * @throws ForeignRequestError
 */
export function refuseForeign(request: SessionRequest, session: BrowserSession, origin: string): void {
  const { method, headers } = request;
  if (isElsewhere(headers, origin)) throw new ForeignRequestError('another origin');
  if (!READING.includes(method) && !isSame(headers[CSRF_HEADER], session.csrf))
    throw new ForeignRequestError('no csrf token');
}

/** Who is signed in, by the token in the session: it is judged anew each time, as one in a header is. */
export class BrowserSessionReader extends SessionReader {
  constructor(
    private readonly origin: string,
    private readonly verifier: TokenVerifier,
  ) {
    super();
  }

  async read(request: SessionRequest): Promise<Principal | null> {
    const session = sessionOf(request);
    if (session === null) return null;
    refuseForeign(request, session, this.origin);
    return this.verifier.verify(session.token);
  }
}

/** A browser says where a page comes from; other clients need not. */
function isElsewhere({ origin, ...headers }: SessionRequest['headers'], own: string): boolean {
  const site = headers['sec-fetch-site'];
  return (origin !== undefined && origin !== own) || site === 'cross-site' || site === 'same-site';
}

function isSame(shown: string | string[] | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(typeof shown === 'string' ? shown : ''), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
