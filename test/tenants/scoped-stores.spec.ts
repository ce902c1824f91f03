import { type TenantScope } from '@ecron/domain';
import { type OutputStore } from '@ecron/execution';
import { type AuditStore, type ExecutionStore, type JobStore, type LedgerStore } from '@ecron/jobs';
import { type DeliveryStore } from '@ecron/notification';

/** The methods of a store that do not begin with whose rows they may see. */
type Unscoped<Store> = {
  [Name in keyof Store]: Store[Name] extends (...args: infer Args) => unknown
    ? [Args[0], TenantScope] extends [TenantScope, Args[0]]
      ? never
      : Name
    : Name;
}[keyof Store];

/** One that is missing here, or that has got its scope, does not compile. */
type Listed<Store, Names> = [Unscoped<Store>, Names] extends [Names, Unscoped<Store>] ? true : false;

describe('the stores that act for callers', () => {
  it('take the tenant first in every method, but for these', () => {
    // The object that is written names its tenant.
    const jobs: Listed<JobStore, 'insert'> = true;
    const executions: Listed<ExecutionStore, 'insertRequest'> = true;
    const ledger: Listed<LedgerStore, never> = true;
    const audit: Listed<AuditStore, never> = true;
    // Of runners and routines; `look` is for many callers at a time, each of whom has been let see its execution.
    const outputs: Listed<OutputStore, 'write' | 'look'> = true;
    type OfRoutines = 'pendingHosts' | 'claim' | 'settle' | 'forget' | 'forgetWebhooks' | 'setPendingCap';
    const deliveries: Listed<DeliveryStore, OfRoutines> = true;
    expect([jobs, executions, ledger, audit, outputs, deliveries]).not.toContain(false);
  });
});
