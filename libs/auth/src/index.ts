export { ACCESS, type Access, OAUTH2_SCHEME, Public, Requires } from './access.js';
export {
  AuthError,
  type AuthErrorReason,
  IntrospectionUnavailable,
  PermissionDenied,
} from './auth-errors.js';
export { AuthGuard, demand } from './auth.guard.js';
export { AuthModule, type TokenServerOptions } from './auth.module.js';
export { Authenticator, OpenAuthenticator, TokenAuthenticator } from './authenticator.js';
export * from './browser/index.js';
export { CallerProof } from './caller-proof.js';
export { HydraIntrospector, type HydraOptions } from './hydra-introspector.js';
export { ALL_PERMISSIONS, type Permission, PERMISSIONS } from './permissions.js';
export { type AuthenticatedRequest, CurrentPrincipal, type Principal } from './principal.js';
export { SessionReader } from './session-reader.js';
export { type Introspection, TokenIntrospector } from './token-introspector.js';
export { TokenVerifier } from './token-verifier.js';
