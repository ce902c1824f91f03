import { AuthError } from '@ecron/auth';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { SESSION_COOKIE } from './session-cookies.js';

/** The server reads no body of these. */
const BODILESS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses, before its body is read, what brings nothing that could tell who calls: no token, no session, no `?key=`.
 * Whether what it brings is worth anything the guard judges. After the hooks that are registered before.
 */
export function refuseNameless(server: FastifyInstance): void {
  server.after(() => {
    server.addHook('onRequest', (request, _reply, done) => {
      if (asksForName(request) && isNameless(request)) done(new AuthError('empty'));
      else done();
    });
  });
}

/** Unknown paths are answered as such. */
function asksForName({ method, is404, routeOptions }: FastifyRequest): boolean {
  const { isPublic = false } = routeOptions.config as { isPublic?: boolean };
  return !BODILESS.includes(method) && !is404 && !isPublic;
}

function isNameless({ headers, query }: FastifyRequest): boolean {
  const isSignedIn = SESSION_COOKIE.test(headers.cookie ?? '');
  return !headers.authorization && !isSignedIn && !Object.hasOwn(query as object, 'key');
}
