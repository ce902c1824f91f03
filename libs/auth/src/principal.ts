import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Permission } from './permissions.js';

/** Who is calling. */
export interface Principal {
  userId: string;
  /** The OAuth2 client: the tenant, whose jobs the caller sees. */
  clientId: string;
  /** Sees and edits the jobs of all tenants: a token with `ecron.admin`, or everyone where authentication is off. */
  isAdmin: boolean;
  permissions: readonly Permission[];
}

/** The part of a request that authentication reads and writes. */
export interface AuthenticatedRequest {
  method: string;
  headers: Record<string, string | string[] | undefined> & { authorization?: string | undefined };
  params: unknown;
  query: unknown;
  principal?: Principal;
}

/** The caller, as a parameter of a controller's method: `list(@CurrentPrincipal() caller: Principal)`. */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal | undefined =>
    context.switchToHttp().getRequest<AuthenticatedRequest>().principal,
);
