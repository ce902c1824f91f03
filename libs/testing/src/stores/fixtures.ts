import { randomUUID } from 'node:crypto';
import {
  type Actor,
  type Execution,
  factsOf,
  type Job,
  type JobContext,
  type Outcome,
  scheduleOf,
  type TenantScope,
} from '@ecron/domain';
import { type Editor, type StatusReport } from '@ecron/jobs';

/** When every test begins: a whole hour. */
export const T0 = Date.parse('2026-11-24T09:00:00Z');
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

export const MINE: TenantScope = { tenantId: 'tenant-a' };
export const THEIRS: TenantScope = { tenantId: 'tenant-b' };
export const ALL: TenantScope = { allTenants: true };

/** Who changes what a test changes. */
export const SOMEBODY: Actor = { userId: 'alice', clientId: 'tenant-a', requestId: 'call-1', source: 'api' };
export const EDITOR: Editor = { ...SOMEBODY, action: 'job.update' };

export const HOURLY = '0 0 * * * *';
export const EVERY_SECOND = '* * * * * *';

export const SUCCEEDED: Outcome = { kind: 'succeeded', statusCode: 200, result: '{"rows":3}' };
export const ACCEPTED: Outcome = { kind: 'accepted', statusCode: 202, result: null };
export const FAILED: Outcome = {
  kind: 'failed',
  retryable: true,
  statusCode: 500,
  error: 'answered 500',
  result: null,
};
export const INTERRUPTED: Outcome = { kind: 'interrupted', error: 'aborted' };

export const contextOf = (exec: string): JobContext => ({
  mode: 'http',
  exec,
  info: { method: 'POST', params: null, headers: null, body: null, kubernetes: null },
  notify: { webhook: '' },
  begin_at: '',
  end_at: '',
  execute_id: '',
});

/** A job of tenant-a that fires every ten seconds, created at `now`. */
export function jobOf(own: Partial<Job>, now: number): Job {
  const jobId = own.jobId ?? randomUUID();
  const job: Job = {
    jobId,
    tenantId: 'tenant-a',
    name: `job ${jobId}`,
    type: 'scheduled',
    schedule: '*/10 * * * * *',
    timeZone: 'UTC',
    context: contextOf('http://target.test/'),
    policy: {},
    beginAt: null,
    endAt: null,
    enabled: true,
    remarks: '',
    version: 1,
    nextSlotAt: null,
    anchorAt: now,
    createdAt: now,
    updatedAt: now,
    ...own,
  };
  return { ...job, nextSlotAt: job.enabled ? scheduleOf(factsOf(job)).next(now) : null };
}

/** A report of tenant-a that a run of nobody's job goes on. */
export const reportOf = (own: Partial<StatusReport>): StatusReport => ({
  executeId: 'reported',
  jobId: 'foreign-job',
  jobType: 'scheduled',
  jobName: 'reported job',
  state: 'accepted',
  beginAt: T0,
  endAt: null,
  executeTimes: 1,
  executor: [],
  result: null,
  ...own,
});

/** How a run shows what became of its slot: [state, reason, seconds after T0, last second of a range, count]. */
export function fateOf(e: Execution): [string, string, number, number | null, number | null] {
  const seconds = (at: number): number => (at - T0) / SECOND;
  return [e.state, e.reason, seconds(e.nominalAt), e.slotTo === null ? null : seconds(e.slotTo), e.slotCount];
}
