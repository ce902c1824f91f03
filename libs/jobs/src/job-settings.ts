import { type PolicyDefaults, type Sealer } from '@ecron/domain';
import { type JobModes } from './ports/job-modes.js';

/** What the use cases take from the configuration. Constant for the life of the process. */
export abstract class JobSettings {
  /** IANA zone of jobs that name none, and of the times in answers that belong to no job. */
  abstract readonly timeZone: string;
  abstract readonly policyDefaults: PolicyDefaults;
  abstract readonly modes: JobModes;
  /** What secrets of jobs are stored under. */
  abstract readonly sealer: Sealer;
  /** Tenants that may save jobs of mode `exe`; admins always may. */
  abstract readonly commandTenants: readonly string[];
  /** Shown as `executor_id` where no node has taken a run yet (`management_service_id`). */
  abstract readonly serviceId: string;
}
