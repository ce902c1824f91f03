import { type TenantScope } from '@ecron/domain';

/** Who calls. The tenant is the `clientId`; an admin sees every tenant's rows. */
export interface Caller {
  userId: string;
  clientId: string;
  isAdmin: boolean;
}

export function scopeOf(caller: Caller): TenantScope {
  return caller.isAdmin ? { allTenants: true } : { tenantId: caller.clientId };
}
