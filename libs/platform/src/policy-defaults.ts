import { type Config } from '@ecron/config';
import { type Caps, type Completion, type PolicyDefaults } from '@ecron/domain';
import { declarationsOf, EXECUTORS, modeDefaultsOf } from '@ecron/execution';

/** Settings of jobs that do not say. @param stored what the database says of this deployment; null: nothing */
export function policyDefaults(config: Config, stored: Completion | null): PolicyDefaults {
  const caps = capsOf(config);
  return {
    ...(caps !== null && { caps }),
    maxAttempts: config.jobFailures,
    completion: config.httpCompletion ?? stored ?? 'auto',
    // Asked of the classes: who decides what runs has none of their instances.
    modes: modeDefaultsOf(EXECUTORS.flatMap(declarationsOf)),
  };
}

/** Null: nothing is capped, so that nothing need be counted. */
function capsOf({ tenantConcurrency, tenantConcurrencyOverrides, hostConcurrency }: Config): Caps | null {
  const tenants = tenantConcurrencyOverrides ?? {};
  const isCapped = [tenantConcurrency, hostConcurrency, ...Object.values(tenants)].some((limit) => limit > 0);
  return isCapped
    ? { perTenant: tenantConcurrency || null, tenants, perHost: hostConcurrency || null }
    : null;
}
