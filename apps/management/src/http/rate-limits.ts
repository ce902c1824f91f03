import { createHash } from 'node:crypto';
import rateLimit from '@fastify/rate-limit';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { SESSION_COOKIE } from './session-cookies.js';

const WINDOW_S = 10;
/** Callers and addresses that are counted at a time; the ones not seen for longest are forgotten. */
const MAX_COUNTED = 20_000;
/** What one household or one machine is usually given. */
const IPV6_PREFIX_BITS = 64;

/** Requests a second, counted over ten; 0: any number. */
export interface RateLimits {
  perCaller: number;
  perAddress: number;
}

/** Thrown for a request over a limit. */
export class TooManyRequestsError extends Error {
  constructor(
    readonly who: 'caller' | 'address',
    readonly retryAfterS: number,
  ) {
    super(`too many requests of one ${who}`);
    this.name = 'TooManyRequestsError';
  }
}

/**
 * Counts requests on this node before anything else is done for them: by address, so that a new token with each
 * request gains nothing, and by token or session, so that callers behind one proxy do not pay for each other.
 */
export function limitRates(server: FastifyInstance, { perCaller, perAddress }: RateLimits): void {
  if (perCaller === 0 && perAddress === 0) return;
  server.register(rateLimit, { global: false, cache: MAX_COUNTED });
  server.after(() => {
    const byAddress = limiter(server, perAddress, null);
    const byCaller = limiter(server, perCaller, credentialHash);
    server.addHook('onRequest', async (request) => {
      if (request.url.startsWith('/health/')) return;
      await refuseOver(request, 'address', byAddress);
      if (credentials(request) !== '') await refuseOver(request, 'caller', byCaller);
    });
  });
}

type Limiter = ReturnType<FastifyInstance['createRateLimit']> | null;

function limiter(
  server: FastifyInstance,
  perSecond: number,
  keyGenerator: ((request: FastifyRequest) => string) | null,
): Limiter {
  if (perSecond === 0) return null;
  return server.createRateLimit({
    max: perSecond * WINDOW_S,
    timeWindow: WINDOW_S * 1000,
    ipv6Subnet: IPV6_PREFIX_BITS,
    ...(keyGenerator === null ? {} : { keyGenerator }),
  });
}

async function refuseOver(request: FastifyRequest, who: 'caller' | 'address', limit: Limiter): Promise<void> {
  const found = await limit?.(request);
  if (found !== undefined && !found.isAllowed && found.isExceeded)
    throw new TooManyRequestsError(who, Math.max(1, found.ttlInSeconds));
}

/** Tokens are long, and are not to be found in memory after their request. */
function credentialHash(request: FastifyRequest): string {
  return createHash('sha256').update(credentials(request)).digest('base64');
}

function credentials({ headers }: FastifyRequest): string {
  return headers.authorization ?? SESSION_COOKIE.exec(headers.cookie ?? '')?.[0] ?? '';
}
