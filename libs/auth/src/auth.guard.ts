import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ModuleRef, Reflector } from '@nestjs/core';
import { ACCESS, type Access, type RestrictedAccess } from './access.js';
import { PermissionDenied } from './auth-errors.js';
import { Authenticator } from './authenticator.js';
import { type Permission } from './permissions.js';
import { type AuthenticatedRequest, type Principal } from './principal.js';

/** Guards every HTTP route that is not `@Public()`; the caller is then in `request.principal`. Messages pass. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly modules: ModuleRef,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const access = this.reflector.get<Access | undefined>(ACCESS, context.getHandler());
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    request.principal = this.proven(access, request) ?? (await this.authenticator.authenticate(request));
    demand(request.principal, access?.permission ?? null);
    return true;
  }

  private proven(access: RestrictedAccess | undefined, request: AuthenticatedRequest): Principal | null {
    const proof = access?.proof ?? null;
    return proof === null ? null : this.modules.get(proof, { strict: false }).prove(request);
  }
}

/**
 * For what depends on more than the route.
 * @throws PermissionDenied
 */
export function demand({ permissions }: Principal, permission: Permission | null): void {
  if (permission === null || !permissions.includes(permission)) throw new PermissionDenied(permission);
}
