import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { type FastifyInstance } from 'fastify';
import { limitRates, type RateLimits } from './rate-limits.js';
import { openSessionCookies, type SessionCookies } from './session-cookies.js';

const YEAR_S = 31_536_000;
const PREFLIGHT_S = 600;

export interface Hardening {
  /** Browsers reach us by HTTPS alone. */
  isHttps: boolean;
  /** Origins whose pages may call with a token. */
  corsOrigins: readonly string[];
  rates: RateLimits;
  /** Null: nobody signs in with a browser. */
  cookies: SessionCookies | null;
}

/** What the page of the documentation needs, and nothing from anywhere else; style is inline there. */
const CONTENT_POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'font-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
};

/** Puts the guards of an HTTP server before every route, also those that no route answers. */
export function harden(server: FastifyInstance, { isHttps, corsOrigins, rates, cookies }: Hardening): void {
  server.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_POLICY },
    frameguard: { action: 'deny' },
    hsts: isHttps ? { maxAge: YEAR_S, includeSubDomains: false } : false,
  });
  if (corsOrigins.length > 0) allowOrigins(server, corsOrigins);
  limitRates(server, rates);
  if (cookies !== null) openSessionCookies(server, cookies);
}

/** With tokens alone: `credentials` stays off, so that no session is sent along. */
function allowOrigins(server: FastifyInstance, origins: readonly string[]): void {
  server.register(cors, {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type'],
    exposedHeaders: ['retry-after', 'www-authenticate'],
    maxAge: PREFLIGHT_S,
    strictPreflight: false,
  });
}
