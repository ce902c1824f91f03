import { type ExecutionState, JOB_STATUSES, type JobStatus, statesOf } from '@ecron/domain';
import { refuse } from '../errors.js';
import { type Optional } from '../job/job-input.js';
import { readType, readWindow } from '../job/read-fields.js';
import { type StatusFilter } from '../ports/execution.store.js';
import { endOfSecond } from '../show-time.js';

/** Statuses in one answer; as many as one job keeps. */
export const MAX_STATUSES = 10_000;

/** The query of GET /jobstatus, as text; "" counts as left out. */
export interface StatusQuery {
  job_id?: Optional<string>;
  job_type?: Optional<string>;
  job_status?: Optional<string>;
  begin_at?: Optional<string>;
  end_at?: Optional<string>;
}

export interface StatusTimes {
  beginFrom: number | null;
  beginUntil: number | null;
}

export function refuseNoFilter(query: StatusQuery): void {
  const { job_id, job_type, job_status, begin_at, end_at } = query;
  if (![job_id, job_type, job_status, begin_at, end_at].some(Boolean)) throw refuse.noFilter();
}

export function readStatusTimes(query: StatusQuery): StatusTimes {
  const { beginAt, endAt } = readWindow(query.begin_at, query.end_at);
  return { beginFrom: beginAt, beginUntil: endAt === null ? null : endOfSecond(endAt) };
}

/** With a job id alone only the latest status is asked for. */
export function readStatusFilter(query: StatusQuery, { beginFrom, beginUntil }: StatusTimes): StatusFilter {
  const { job_id, job_type, job_status } = query;
  const isByJobAlone = !job_type && !job_status && beginFrom === null && beginUntil === null;
  return {
    limit: isByJobAlone ? 1 : MAX_STATUSES,
    ...(job_id && { jobId: job_id }),
    ...(job_type && { jobType: readType(job_type) }),
    ...(job_status && { states: statesOf(readStatus(job_status)) }),
    ...(beginFrom !== null && { beginFrom }),
    ...(beginUntil !== null && { beginUntil }),
  };
}

export function readStatus(text: string): JobStatus {
  const known = JOB_STATUSES.find((status) => status === text);
  if (known === undefined) throw refuse.status();
  return known;
}

const REPORTED_STATE: Record<JobStatus, ExecutionState> = {
  success: 'succeeded',
  // An outsider runs it: nothing here does, until its word comes.
  executing: 'accepted',
  failure: 'failed',
  interrupt: 'interrupted',
  abandon: 'abandoned',
};

export function reportedState(status: JobStatus): ExecutionState {
  return REPORTED_STATE[status];
}
