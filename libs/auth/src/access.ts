import { applyDecorators, SetMetadata, type Type } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import { type CallerProof } from './caller-proof.js';
import { type Permission } from './permissions.js';

/** Under which a handler keeps who may call it, an {@link Access}. */
export const ACCESS = 'ecron:access';
/** The name that `Requires` gives the OAuth2 scheme in the description of the API. */
export const OAUTH2_SCHEME = 'oauth2';

export interface RestrictedAccess {
  permission: Permission;
  /** What lets a caller in instead of a token. */
  proof: Type<CallerProof> | null;
}
export type Access = 'public' | RestrictedAccess;

type AbstractType<T> = abstract new (...args: never[]) => T;

/**
 * Lets everyone in, without a look at the token: for health and documentation. The server's hooks see it as `isPublic`
 * in the route's configuration.
 */
export const Public = () =>
  applyDecorators(SetMetadata(ACCESS, 'public' satisfies Access), RouteConfig({ isPublic: true }));

/**
 * Lets those in whose token (or session) has this permission, and whoever brings the proof, if there is one. Every
 * handler has this or {@link Public}: one without is closed to everybody.
 * @param proof DI token of a {@link CallerProof} that some module provides
 */
export function Requires(permission: Permission, proof: AbstractType<CallerProof> | null = null) {
  const access: Access = { permission, proof: proof as Type<CallerProof> | null };
  return applyDecorators(
    SetMetadata(ACCESS, access),
    ApiBearerAuth(),
    ApiSecurity(OAUTH2_SCHEME, [permission]),
  );
}
