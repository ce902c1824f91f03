import { isHttpMode } from '../job/http-context.js';
import { type JobContext } from '../job/job.js';
import { limitOf, type TenantLimit } from './quotas.js';

/**
 * How many executions may be under way at a time, running or accepted by their target: of a tenant, and towards a
 * host. Limits are from 1 up.
 */
export interface Caps extends TenantLimit {
  /** For each host that HTTP jobs call, of all tenants together; null: any number. */
  perHost: number | null;
  /** How many may start in one minute of the clock; left out: any number. */
  starts?: TenantLimit;
}

/** The reasons that runs show which wait for a cap. */
export type CapReason = 'tenant cap' | 'host cap' | 'tenant rate';

/** A place that a run needs before it may start. */
export interface CapWish {
  reason: CapReason;
  /** The tenant or the host whose executions are counted. */
  subject: string;
  limit: number;
}

/** The places that a run needs under the caps; a missing one is told in this order. */
export function findCapWishes(run: { tenantId: string; context: () => JobContext }, caps: Caps): CapWish[] {
  const wishes: CapWish[] = [];
  const { tenantId } = run;
  const perTenant = limitOf(caps, tenantId);
  if (perTenant !== null) wishes.push({ reason: 'tenant cap', subject: tenantId, limit: perTenant });
  const host = caps.perHost === null ? null : targetHostOf(run.context());
  if (caps.perHost !== null && host !== null)
    wishes.push({ reason: 'host cap', subject: host, limit: caps.perHost });
  const starts = caps.starts === undefined ? null : limitOf(caps.starts, tenantId);
  if (starts !== null) wishes.push({ reason: 'tenant rate', subject: tenantId, limit: starts });
  return wishes;
}

/** The host that an HTTP job calls first, whatever its port; null: the run calls none, or it cannot be told. */
export function targetHostOf({ mode, exec }: JobContext): string | null {
  if (!isHttpMode(mode)) return null;
  return URL.canParse(exec) ? new URL(exec).hostname : null;
}
