import {
  blankExecution,
  type Execution,
  type Job,
  type JobContext,
  type JobMode,
  type JobType,
  type PolicySettings,
  resolvePolicy,
} from '@ecron/domain';
import { refuse } from '../errors.js';
import { type JobSettings } from '../job-settings.js';
import { sealSecrets } from '../secrets/seal-secrets.js';
import { checkContextSize, readContext, readPolicy } from '../job/job-context.js';
import { type ContextInput, type JobInput } from '../job/job-input.js';
import { MAX_NAME_LENGTH, readMode, readText, readType, readWindow } from '../job/read-fields.js';
import { readExecuteId } from '../status/status-input.js';

/** What a request asks for, its secrets in the clear; `context` null: the stored job as it stands. */
export interface RunRequest {
  jobId: string;
  /** The caller's own id; null: one is made. */
  executeId: string | null;
  jobName: string;
  jobType: JobType | '';
  context: JobContext | null;
  /** Of a context of the request's own. */
  policy: PolicySettings;
}

/** Without a mode and an address a context says nothing of its own: then the stored job is meant. */
function isStoredRun(input: JobInput): boolean {
  const context = input.job_context;
  return Boolean(input.job_id) && !context?.mode && !context?.exec;
}

export function readRequest(input: JobInput, settings: JobSettings): RunRequest {
  const sent = input.job_context ?? {};
  const own = isStoredRun(input) ? { context: null, policy: {} } : readOwnContext(sent, settings);
  return {
    jobId: input.job_id ?? '',
    executeId: sent.execute_id ? readExecuteId('job_context.execute_id', sent.execute_id) : null,
    jobName: readText('job_name', input.job_name ?? '', MAX_NAME_LENGTH),
    jobType: input.job_type ? readType(input.job_type) : '',
    ...own,
  };
}

function readOwnContext(sent: ContextInput, settings: JobSettings): Pick<RunRequest, 'context' | 'policy'> {
  readWindow(sent.begin_at, sent.end_at);
  const mode = readMode(sent.mode, settings.modes);
  const policy = readPolicy(sent, mode, settings.policyDefaults);
  const context = readContext(sent, mode, settings.modes);
  checkContextSize(context, policy);
  return { context, policy };
}

/** Who runs what, as it is known when the row is written. */
export interface RequestOrigin {
  executeId: string;
  tenantId: string;
  /** Null: the caller has no such job; only a request with a context of its own can do without. */
  job: Job | null;
  /** As of the caller. */
  traceparent?: string;
}

/** The waiting row of a request, due at once; its secrets are sealed. */
export function newRequest(
  request: RunRequest,
  { executeId, tenantId, job, traceparent }: RequestOrigin,
  settings: JobSettings,
  now: number,
): Execution {
  return {
    ...blankExecution(now),
    executeId,
    jobId: job?.jobId ?? '',
    jobVersion: job?.version ?? 0,
    tenantId,
    jobName: request.context === null ? (job?.name ?? '') : request.jobName || (job?.name ?? ''),
    jobType: request.context === null ? (job?.type ?? '') : request.jobType || (job?.type ?? ''),
    context: request.context && sealSecrets(request.context, tenantId, settings.sealer, new Map()),
    policy: request.context === null ? null : request.policy,
    trigger: 'request',
    ...(traceparent !== undefined && { traceparent }),
    maxAttempts: maxAttemptsOf(request, job, settings),
  };
}

function maxAttemptsOf(request: RunRequest, job: Job | null, { policyDefaults }: JobSettings): number {
  const settings = { ...job?.policy, ...request.policy };
  const mode: JobMode | undefined = request.context?.mode ?? job?.context.mode;
  if (mode === undefined) throw refuse.unknownJob();
  return resolvePolicy(settings, mode, policyDefaults).retry.maxAttempts;
}
