import { isHttpMode } from '../job/http-context.js';
import { type JobContext } from '../job/job.js';

/** How many executions may be under way at a time: running, or accepted by their target. Limits are from 1 up. */
export interface Caps {
  /** For each tenant that has no number of its own; null: any number. */
  perTenant: number | null;
  /** Limits of single tenants; 0: any number. */
  tenants: Readonly<Record<string, number>>;
  /** For each host that HTTP jobs call, of all tenants together; null: any number. */
  perHost: number | null;
}

/** The reasons that runs show which wait for a cap. */
export type CapReason = 'tenant cap' | 'host cap';

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
  const perTenant = Object.hasOwn(caps.tenants, tenantId) ? caps.tenants[tenantId] : caps.perTenant;
  if (perTenant) wishes.push({ reason: 'tenant cap', subject: tenantId, limit: perTenant });
  const host = caps.perHost === null ? null : targetHostOf(run.context());
  if (caps.perHost !== null && host !== null)
    wishes.push({ reason: 'host cap', subject: host, limit: caps.perHost });
  return wishes;
}

/** The host that an HTTP job calls first, whatever its port; null: the run calls none, or it cannot be told. */
export function targetHostOf({ mode, exec }: JobContext): string | null {
  if (!isHttpMode(mode)) return null;
  return URL.canParse(exec) ? new URL(exec).hostname : null;
}
