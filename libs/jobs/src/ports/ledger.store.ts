import { type DstRule, type Execution, type TenantScope } from '@ecron/domain';

/** A job's schedule as it stood from `validFrom` (exclusive) to `validTo` (inclusive; null: still). */
export interface ScheduleVersion {
  version: number;
  schedule: string;
  timeZone: string;
  dst: DstRule;
  beginAt: number | null;
  endAt: number | null;
  enabled: boolean;
  anchorAt: number;
  validFrom: number;
  validTo: number | null;
}

/** What is needed to say of each slot of a job what became of it. Of another tenant's job there is nothing. */
export abstract class LedgerStore {
  /** Versions that overlap `from <= t < to`, oldest first. */
  abstract versions(scope: TenantScope, jobId: string, from: number, to: number): Promise<ScheduleVersion[]>;
  /** Rows that are the fate of a slot in `from <= t < to`, ranges that reach into it included; oldest first. */
  abstract slotRows(
    scope: TenantScope,
    jobId: string,
    from: number,
    to: number,
    limit: number,
  ): Promise<Execution[]>;
}
