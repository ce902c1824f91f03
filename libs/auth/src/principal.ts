import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** Who is calling. */
export interface Principal {
  userId: string;
  /** The OAuth2 client: the tenant, whose jobs the caller sees. */
  clientId: string;
  /** Sees and edits the jobs of all tenants. No token gives this; only authentication switched off does. */
  isAdmin: boolean;
  scopes: readonly string[];
}

/** The part of a request that authentication reads and writes. */
export interface AuthenticatedRequest {
  headers: { authorization?: string | undefined };
  principal?: Principal;
}

/** The caller, as a parameter of a controller's method: `list(@CurrentPrincipal() caller: Principal)`. */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal | undefined =>
    context.switchToHttp().getRequest<AuthenticatedRequest>().principal,
);
