/** A number for each tenant, from 1 up. */
export interface TenantLimit {
  /** For each tenant that has no number of its own; null: any number. */
  perTenant: number | null;
  /** Limits of single tenants; 0: any number. */
  tenants: Readonly<Record<string, number>>;
}

/** How much of something callers of a tenant may have or ask for. What is left out has no limit. */
export interface Quotas {
  /** Stored jobs. */
  jobs?: TenantLimit;
  /** Runs asked for by callers in one minute of the clock. */
  requests?: TenantLimit;
}

/** Null: any number. */
export function limitOf({ perTenant, tenants }: TenantLimit, tenantId: string): number | null {
  const limit = Object.hasOwn(tenants, tenantId) ? tenants[tenantId] : perTenant;
  return limit || null;
}

const MINUTE_MS = 60_000;

/** When the minute of the clock began that this instant is in. */
export const minuteOf = (at: number): number => at - (at % MINUTE_MS);

/** When the minute that began then is over. */
export const minuteAfter = (minuteAt: number): number => minuteAt + MINUTE_MS;
