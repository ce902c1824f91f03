import { type Config } from '@ecron/config';
import {
  type Caps,
  type Completion,
  type PolicyDefaults,
  type Quotas,
  type TenantLimit,
} from '@ecron/domain';
import { declarationsOf, EXECUTORS, modeDefaultsOf } from '@ecron/execution';

/** Settings of jobs that do not say. @param stored what the database says of this deployment; null: nothing */
export function policyDefaults(config: Config, stored: Completion | null): PolicyDefaults {
  const [caps, quotas] = [capsOf(config), quotasOf(config)];
  return {
    ...(caps !== null && { caps }),
    ...(quotas !== null && { quotas }),
    maxAttempts: config.jobFailures,
    completion: config.httpCompletion ?? stored ?? 'auto',
    // Asked of the classes: who decides what runs has none of their instances.
    modes: modeDefaultsOf(EXECUTORS.flatMap(declarationsOf)),
  };
}

/** Null: nothing is capped, so that nothing need be counted. */
function capsOf(config: Config): Caps | null {
  const { perTenant, tenants } = numbersOf(config.tenantConcurrency, config.tenantConcurrencyOverrides);
  const starts = limitOf(config.tenantStartsPerMinute, config.tenantStartsPerMinuteOverrides);
  const perHost = config.hostConcurrency || null;
  const isCapped = isLimited({ perTenant, tenants }) || perHost !== null || starts !== null;
  return isCapped ? { perTenant, tenants, perHost, ...(starts !== null && { starts }) } : null;
}

function quotasOf(config: Config): Quotas | null {
  const jobs = limitOf(config.tenantJobs, config.tenantJobsOverrides);
  const requests = limitOf(config.tenantRequestsPerMinute, config.tenantRequestsPerMinuteOverrides);
  if (jobs === null && requests === null) return null;
  return { ...(jobs !== null && { jobs }), ...(requests !== null && { requests }) };
}

type Overrides = TenantLimit['tenants'] | null;

/** Null: no tenant has a limit. */
function limitOf(each: number, overrides: Overrides): TenantLimit | null {
  const limit = numbersOf(each, overrides);
  return isLimited(limit) ? limit : null;
}

const numbersOf = (each: number, overrides: Overrides): TenantLimit => ({
  perTenant: each || null,
  tenants: overrides ?? {},
});

const isLimited = ({ perTenant, tenants }: TenantLimit): boolean =>
  perTenant !== null || Object.values(tenants).some((limit) => limit > 0);
