import {
  formatInstant,
  type Job,
  type JobContext,
  maskContext,
  type PolicyDefaults,
  type PolicySettings,
  resolvePolicy,
  showPolicy,
} from '@ecron/domain';
import { type JobSettings } from '../job-settings.js';
import { zoneOf } from '../schedule/job-slots.js';
import { showSecond } from '../show-time.js';

/** A Job as answers show it; every member is always present. */
export interface JobView {
  job_id: string;
  job_name: string;
  job_cron_time: string;
  job_type: Job['type'];
  job_context: JobContext & { policy: Required<PolicySettings> };
  tenant_id: string;
  enabled: boolean;
  remarks: string;
  created_at: string;
  updated_at: string;
  time_zone: string;
  /** In the job's zone; "" when nothing is due. */
  next_slot_at: string;
}

export function showJob(job: Job, settings: JobSettings): JobView {
  return {
    job_id: job.jobId,
    job_name: job.name,
    job_cron_time: job.schedule,
    job_type: job.type,
    job_context: { ...maskContext(job.context), policy: policyOf(job, settings.policyDefaults) },
    tenant_id: job.tenantId,
    enabled: job.enabled,
    remarks: job.remarks,
    created_at: showSecond(job.createdAt, settings.timeZone),
    updated_at: showSecond(job.updatedAt, settings.timeZone),
    time_zone: job.timeZone,
    next_slot_at: job.nextSlotAt === null ? '' : formatInstant(job.nextSlotAt, zoneOf(job)),
  };
}

function policyOf(job: Job, defaults: PolicyDefaults): Required<PolicySettings> {
  return showPolicy(resolvePolicy(job.policy, job.context.mode, defaults));
}
