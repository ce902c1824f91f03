import { type Job, maskContext } from '@ecron/domain';
import { type JobMessage, type JobMessageData } from '../ports/doorbell.js';
import { showSecond } from '../show-time.js';

// Each call makes a new object: messages are handed to code that may keep them.
function emptyJob(jobId: string): JobMessageData {
  return {
    job_id: jobId,
    job_name: '',
    job_cron_time: '',
    job_type: '',
    job_context: {
      mode: '',
      exec: '',
      info: { method: '', params: null, headers: null, body: null, kubernetes: null },
      notify: { webhook: '' },
      begin_at: '',
      end_at: '',
      execute_id: '',
    },
    tenant_id: '',
    enabled: false,
    remarks: '',
    created_at: '',
    updated_at: '',
  };
}

function fullJob(job: Job, timeZone: string): JobMessageData {
  return {
    job_id: job.jobId,
    job_name: job.name,
    job_cron_time: job.schedule,
    job_type: job.type,
    job_context: maskContext(job.context),
    tenant_id: job.tenantId,
    enabled: job.enabled,
    remarks: job.remarks,
    created_at: showSecond(job.createdAt, timeZone),
    updated_at: showSecond(job.updatedAt, timeZone),
  };
}

export function createMessage(job: Job, timeZone: string): JobMessage {
  return { method: 'create', data: fullJob(job, timeZone) };
}

/** Names neither the tenant nor the time of creation, as the old service did. */
export function updateMessage(job: Job, timeZone: string): JobMessage {
  return { method: 'update', data: { ...fullJob(job, timeZone), tenant_id: '', created_at: '' } };
}

export function deleteMessage(jobId: string, tenantId: string): JobMessage {
  return { method: 'delete', data: { ...emptyJob(jobId), tenant_id: tenantId } };
}

export function enableMessage(job: Job, timeZone: string): JobMessage {
  const changed = { enabled: job.enabled, updated_at: showSecond(job.updatedAt, timeZone) };
  return { method: 'enable', data: { ...emptyJob(job.jobId), ...changed } };
}

export function notifyMessage(job: Job, timeZone: string): JobMessage {
  const data = { ...emptyJob(job.jobId), updated_at: showSecond(job.updatedAt, timeZone) };
  data.job_context.notify.webhook = job.context.notify.webhook;
  return { method: 'notify', data };
}

/** Asks for the run of an execution that is already written. */
export function requestMessage(jobId: string, executeId: string): JobMessageData {
  const data: JobMessageData = { ...emptyJob(jobId), job_type: 'real-time' };
  data.job_context.execute_id = executeId;
  return data;
}
