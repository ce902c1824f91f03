import { type SessionKeys, MAX_SESSION_S } from '@ecron/auth';
import secureSession, { type Session } from '@fastify/secure-session';
import { type FastifyInstance } from 'fastify';

/** Long enough to type a password and a second factor. */
const TICKET_S = 600;
const NAMES = { session: 'ecron-session', ticket: 'ecron-sign-in' };

/** A session cookie in a Cookie header. */
export const SESSION_COOKIE = /(?:__Host-)?ecron-session=[^;]*/;

export interface SessionCookies {
  keys: SessionKeys;
  /** Browsers reach us by HTTPS: they then send the cookies nowhere else, and no neighbour can plant one. */
  isHttps: boolean;
}

/** The contents of both cookies, sealed towards the browser. */
export interface CookieRequest {
  session?: Session<Record<string, unknown>>;
  signIn?: Session<Record<string, unknown>>;
}

/**
 * Opens the two sealed cookies of each request, as `request.session` and `request.signIn`, and seals what has changed.
 * Pages of others get neither sent along, but for the ticket of a sign-in when they lead a browser here.
 */
export function openSessionCookies(server: FastifyInstance, { keys, isHttps }: SessionCookies): void {
  const prefix = isHttps ? '__Host-' : '';
  const cookie = { path: '/', httpOnly: true, secure: isHttps } as const;
  server.register(secureSession, [
    {
      sessionName: 'session',
      cookieName: prefix + NAMES.session,
      key: keys.session,
      expiry: MAX_SESSION_S,
      cookie: { ...cookie, sameSite: 'strict' },
    },
    {
      sessionName: 'signIn',
      cookieName: prefix + NAMES.ticket,
      key: keys.ticket,
      expiry: TICKET_S,
      cookie: { ...cookie, sameSite: 'lax', maxAge: TICKET_S },
    },
  ]);
}
