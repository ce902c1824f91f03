import { type Actor, type TenantScope } from '@ecron/domain';

/**
 * Who calls. The tenant is the `clientId`; an admin sees every tenant's rows. A target that holds the key of its
 * execution has neither: both are ''.
 */
export interface Caller {
  userId: string;
  clientId: string;
  isAdmin: boolean;
  /** Of the call. */
  requestId: string;
  /** W3C Trace Context of the call; left out: it is not traced. */
  traceparent?: string;
}

/** Who is on record for what the call changes. */
export function actorOf({ userId, clientId, requestId }: Caller): Actor {
  const source = userId === '' && clientId === '' ? 'target' : 'api';
  return { userId, clientId, requestId, source };
}

export function scopeOf(caller: Caller): TenantScope {
  return caller.isAdmin ? { allTenants: true } : { tenantId: caller.clientId };
}
