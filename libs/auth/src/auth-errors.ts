import { type Permission } from './permissions.js';

/** `empty`: no header. `invalid`: no bearer token in it, or one of no client. `expired`: the server says inactive. */
export type AuthErrorReason = 'empty' | 'invalid' | 'expired';

/** Thrown by the guard for a caller that does not prove who it is. */
export class AuthError extends Error {
  constructor(readonly reason: AuthErrorReason) {
    super(`authentication failed: ${reason}`);
    this.name = 'AuthError';
  }
}

/** Thrown by the guard for a caller that is known and may not do this. */
export class PermissionDenied extends Error {
  /** @param permission what is missing; null: nobody may, since the handler does not say who */
  constructor(readonly permission: Permission | null) {
    super(`permission denied: ${permission ?? 'nobody may'}`);
    this.name = 'PermissionDenied';
  }
}

/** Thrown when the token server gives no usable answer; callers are then refused, never admitted. */
export class IntrospectionUnavailable extends Error {
  constructor(options?: ErrorOptions) {
    super('token server unavailable', options);
    this.name = 'IntrospectionUnavailable';
  }
}
