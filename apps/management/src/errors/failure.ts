import { HttpException, HttpStatus } from '@nestjs/common';
import {
  AuthError,
  type AuthErrorReason,
  ForeignRequestError,
  IntrospectionUnavailable,
  type Permission,
  PermissionDenied,
  SignInError,
  type SignInRefusal,
} from '@ecron/auth';
import { NoSealingKeyError } from '@ecron/domain';
import { ApiError, type ErrorDetail, type ErrorKind } from '@ecron/jobs';
import { WriteQueueFullError } from '@ecron/persistence';
import { TooManyRequestsError } from '../http/rate-limits.js';

/** A refusal on its way out. */
export interface Failure {
  kind: ErrorKind;
  causeText: string;
  detail: ErrorDetail;
  headers: Record<string, string>;
}

/** A full queue of edits is worked off in about that time. */
const RETRY_AFTER_S = 5;

const AUTH_CAUSES: Record<AuthErrorReason, string> = {
  empty: 'Empty token',
  invalid: 'Invalid token',
  expired: 'Token expired',
};

/** What the caller is told; null: nothing it may know, an error of ours. */
export function toFailure(exception: unknown): Failure | null {
  if (exception instanceof ApiError) return refused(exception);
  if (exception instanceof AuthError) return unauthorized(exception.reason);
  if (exception instanceof PermissionDenied) return denied(exception.permission);
  if (exception instanceof SignInError) return notSignedIn(exception.reason);
  if (exception instanceof ForeignRequestError) return failure('forbidden', FOREIGN_CAUSES[exception.reason]);
  if (exception instanceof TooManyRequestsError) return tooMany(exception);
  if (exception instanceof IntrospectionUnavailable)
    return failure('unavailable', 'Token server is unavailable');
  if (exception instanceof NoSealingKeyError) return failure('bad request', exception.message);
  if (exception instanceof WriteQueueFullError) return overloaded();
  if (exception instanceof HttpException) return ofFramework(exception);
  return null;
}

export function failure(kind: ErrorKind, causeText: string, detail: ErrorDetail = null): Failure {
  return { kind, causeText, detail, headers: {} };
}

const refused = ({ kind, causeText, detail, retryAfterS }: ApiError): Failure => ({
  ...failure(kind, causeText, detail),
  headers: retryAfterS === null ? {} : { 'retry-after': String(retryAfterS) },
});

const overloaded = (): Failure => ({
  ...failure('unavailable', 'Too many writes are waiting'),
  headers: { 'retry-after': String(RETRY_AFTER_S) },
});

function unauthorized(reason: AuthErrorReason): Failure {
  const challenge = reason === 'empty' ? 'Bearer' : 'Bearer error="invalid_token"';
  return {
    ...failure('unauthorized', AUTH_CAUSES[reason], { parameters: ['Authorization'] }),
    headers: { 'www-authenticate': challenge },
  };
}

const FOREIGN_CAUSES: Record<ForeignRequestError['reason'], string> = {
  'another origin': 'The request comes from a page of another origin',
  'no csrf token': 'The header x-csrf-token is missing or wrong',
};

const SIGN_IN_CAUSES: Record<SignInRefusal, string> = {
  off: 'Signing in with a browser is not configured (oauth_client_id)',
  'not begun here': 'This sign-in was not begun in this browser at this address, or too long ago',
  refused: 'The token server did not let you in',
  'code refused': 'The token server does not take this code, or not any more',
  'token too long': 'The token is too long for a cookie',
};

const notSignedIn = (reason: SignInRefusal): Failure =>
  failure(reason === 'off' ? 'not configured' : 'forbidden', SIGN_IN_CAUSES[reason]);

const tooMany = ({ who, retryAfterS }: TooManyRequestsError): Failure => ({
  ...failure('too many requests', `Too many requests of this ${who}`),
  headers: { 'retry-after': String(retryAfterS) },
});

function denied(permission: Permission | null): Failure {
  if (permission === null) return failure('forbidden', 'Forbidden');
  return {
    ...failure('forbidden', `The permission ${permission} is missing`),
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${permission}"` },
  };
}

// What the HTTP server refuses by itself, before any of our code runs.
function ofFramework(exception: HttpException): Failure | null {
  const status: HttpStatus = exception.getStatus();
  if (status === HttpStatus.NOT_FOUND) return failure('unknown path', '404 page not found');
  if (status === HttpStatus.FORBIDDEN) return failure('forbidden', 'Forbidden');
  if (status === HttpStatus.PAYLOAD_TOO_LARGE) return failure('too large', 'The request body is too large');
  if (status < HttpStatus.INTERNAL_SERVER_ERROR) return failure('bad request', exception.message);
  return null;
}
