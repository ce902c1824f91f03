import { blankExecution, type Execution, type Reason } from '../execution/execution.js';
import { type ExecutionState } from '../execution/state.js';
import { type JobMode, type JobType } from '../job/job.js';
import { type LegacyStatusRow, refuseRow, type RefusedRow } from './legacy-rows.js';
import { type ExtInfo, readExecutors, readExtInfo, toAttempts } from './legacy-run.js';
import { isLonger, isOddTime, legacyState, legacyTime, legacyType, readJson } from './legacy-values.js';

/** The job of a run as it stands here: adopted before its runs, and perhaps deleted since. */
export interface JobOfRun {
  /** False: deleted since; its runs show no more. */
  isStored: boolean;
  tenantId: string;
  name: string;
  type: JobType | '';
  mode: JobMode;
  callbackTimeoutMs: number;
}

export interface AdoptedRun {
  kind: 'adopted';
  execution: Execution;
  /** Its time to call back has not passed: until then, or its callback, no slot of its job may overlap it. */
  holdsJob: boolean;
  notices: string[];
}

const DAY_MS = 86_400_000;
const MAX_ID_CHARS = 36;
const MAX_TENANT_CHARS = 255;
const MAX_NAME_CHARS = 64;

/**
 * A run of the old table as one of ours (trigger `external`: the old service ran it, nothing here does), or why it
 * cannot be one. Nobody runs any more what was left `executing`: it waits for a late callback where one may come, else
 * it is interrupted.
 * @param job null: no job of that id was ever known here
 */
export function adoptStatus(
  row: LegacyStatusRow,
  job: JobOfRun | null,
  now: number,
): AdoptedRun | RefusedRow {
  if (!row.f_execute_id) return refuseRow('no id', 'f_execute_id is empty');
  const state = legacyState(row.f_job_status);
  if (state === undefined) return refuseRow('unknown status', 'f_job_status must be 1 to 5');
  const ext = readExtInfo(row.f_ext_info);
  if (ext.isDeleted === true && job?.isStored === true) {
    return refuseRow('marked deleted', 'is_deleted is 1, but the job is there');
  }
  const tenantId = ext.tenantId ?? job?.tenantId ?? '';
  const fault = findTooLong(row, tenantId);
  return fault ?? adopt(row, { job, now, tenantId, state, ext });
}

function findTooLong(row: LegacyStatusRow, tenantId: string): RefusedRow | null {
  for (const column of ['f_execute_id', 'f_job_id'] as const) {
    if (isLonger(row[column] ?? '', MAX_ID_CHARS)) {
      return refuseRow('too long', `${column} has more than ${MAX_ID_CHARS} characters`);
    }
  }
  return isLonger(tenantId, MAX_TENANT_CHARS)
    ? refuseRow('too long', `tenant_id has more than ${MAX_TENANT_CHARS} characters`)
    : null;
}

interface Facts {
  job: JobOfRun | null;
  now: number;
  tenantId: string;
  state: ExecutionState | 'executing';
  ext: ExtInfo;
}

function adopt(row: LegacyStatusRow, { job, now, tenantId, state, ext }: Facts): AdoptedRun {
  const begunAt = legacyTime(row.f_begin_time);
  const endedAt = legacyTime(row.f_end_time);
  const end =
    state === 'executing'
      ? judgeOpen(begunAt, job, now)
      : { state, reason: '' as const, endedAt, dueAt: null };
  const executors = readExecutors(row.f_executor, begunAt ?? endedAt ?? 0);
  const attempts = toAttempts(executors, end.state, end.endedAt);
  const execution: Execution = {
    executeId: row.f_execute_id ?? '',
    jobId: row.f_job_id ?? '',
    jobVersion: isOfNoJob(job, ext) ? 0 : 1,
    tenantId,
    jobName: Array.from(row.f_job_name ?? job?.name ?? '')
      .slice(0, MAX_NAME_CHARS)
      .join(''),
    jobType: legacyType(row.f_job_type) ?? job?.type ?? '',
    ...blankExecution(begunAt ?? endedAt ?? 0),
    trigger: 'external',
    // It has begun, so its callback may come.
    epoch: 1,
    attempt: Math.max(Math.trunc(Number(row.f_execute_times ?? 0)) || 0, 0),
    maxAttempts: 0,
    begunAt,
    startedAt: attempts.at(-1)?.started_at ?? begunAt,
    ...end,
    attempts,
    result: ext.result,
  };
  return {
    kind: 'adopted',
    execution,
    holdsJob: holdsJob(begunAt, job, end.state, now),
    notices: findOdd(row, ext),
  };
}

/** Runs of jobs that are gone showed there as long as they were not marked; others of jobs that are gone do not. */
const isOfNoJob = (job: JobOfRun | null, { isDeleted }: ExtInfo): boolean =>
  job === null && isDeleted === false;

type End = Pick<Execution, 'state' | 'endedAt' | 'dueAt'> & { reason: Reason };

function judgeOpen(begunAt: number | null, job: JobOfRun | null, now: number): End {
  const interrupted = (reason: Reason): End => ({ state: 'interrupted', reason, endedAt: now, dueAt: null });
  if (job?.isStored !== true) return interrupted('job deleted');
  // Its process was a child of the old service.
  if (job.mode === 'exe') return interrupted('node lost');
  if (begunAt === null || begunAt < now - DAY_MS) return interrupted('no word');
  return { state: 'accepted', reason: '', endedAt: null, dueAt: callbackDeadline(begunAt, job, now) };
}

/** What is overdue already gets the time anew, to be heard of; it does not hold its job for it. */
function callbackDeadline(begunAt: number, { callbackTimeoutMs }: JobOfRun, now: number): number {
  const deadline = Math.min(begunAt, now) + callbackTimeoutMs;
  return deadline > now ? deadline : now + callbackTimeoutMs;
}

function holdsJob(begunAt: number | null, job: JobOfRun | null, state: ExecutionState, now: number): boolean {
  return state === 'accepted' && job !== null && begunAt !== null && begunAt + job.callbackTimeoutMs > now;
}

const isNoJson = (text: string | null): boolean => !!text && readJson(text) === undefined;

function findOdd(row: LegacyStatusRow, ext: ExtInfo): string[] {
  const times = (['f_begin_time', 'f_end_time'] as const).filter((column) => isOddTime(row[column]));
  const texts = (['f_executor', 'f_ext_info'] as const).filter((column) => isNoJson(row[column]));
  return [
    ...times.map((column) => `${column} is no time: unset`),
    ...texts.map((column) => `${column} is no JSON: left out`),
    ...(ext.isTooDeep ? ['the result in f_ext_info is nested too deeply: left out'] : []),
  ];
}
