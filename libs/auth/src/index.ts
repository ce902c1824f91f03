export { AuthError, type AuthErrorReason, IntrospectionUnavailable } from './auth-errors.js';
export { AuthGuard, Public } from './auth.guard.js';
export { AuthModule } from './auth.module.js';
export { Authenticator, OpenAuthenticator, TokenAuthenticator } from './authenticator.js';
export { HydraIntrospector, type HydraOptions } from './hydra-introspector.js';
export { type AuthenticatedRequest, CurrentPrincipal, type Principal } from './principal.js';
export { type Introspection, TokenIntrospector } from './token-introspector.js';
