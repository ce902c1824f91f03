import { HttpException, HttpStatus } from '@nestjs/common';
import { AuthError, type AuthErrorReason, IntrospectionUnavailable } from '@ecron/auth';
import { ApiError, type ErrorDetail, type ErrorKind } from '@ecron/jobs';
import { WriteQueueFullError } from '@ecron/persistence';

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
  if (exception instanceof ApiError) return failure(exception.kind, exception.causeText, exception.detail);
  if (exception instanceof AuthError) return unauthorized(exception.reason);
  if (exception instanceof IntrospectionUnavailable)
    return failure('unavailable', 'Token server is unavailable');
  if (exception instanceof WriteQueueFullError) return overloaded();
  if (exception instanceof HttpException) return ofFramework(exception);
  return null;
}

export function failure(kind: ErrorKind, causeText: string, detail: ErrorDetail = null): Failure {
  return { kind, causeText, detail, headers: {} };
}

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

// What the HTTP server refuses by itself, before any of our code runs.
function ofFramework(exception: HttpException): Failure | null {
  const status: HttpStatus = exception.getStatus();
  if (status === HttpStatus.NOT_FOUND) return failure('unknown path', '404 page not found');
  if (status === HttpStatus.FORBIDDEN) return failure('forbidden', 'Forbidden');
  if (status === HttpStatus.PAYLOAD_TOO_LARGE) return failure('too large', 'The request body is too large');
  if (status < HttpStatus.INTERNAL_SERVER_ERROR) return failure('bad request', exception.message);
  return null;
}
