/** Bodies of jobs as clients send them, with defaults that a test overrides where it cares. */
export type JobBody = Record<string, unknown>;

export const EVERY_SECOND = '* * * * * *';
/** Fires far from any test run. */
export const YEARLY = '0 0 0 1 1 ?';

/** Tries again within milliseconds, always after the same wait. */
export const QUICK_RETRY = { max_attempts: 3, base_s: 0.02, jitter: false };

let created = 0;

export function uniqueName(stem = 'job'): string {
  created += 1;
  return `${stem}-${process.pid}-${created}`;
}

/** A disabled job that calls `url`; `context` overrides members of `job_context`, `job` those of the job. */
export function jobBody(url: string, job: JobBody = {}, context: JobBody = {}): JobBody {
  return {
    job_name: uniqueName(),
    job_cron_time: YEARLY,
    job_type: 'scheduled',
    job_context: { mode: 'http', exec: url, info: {}, ...context },
    ...job,
  };
}

/** An enabled job of every second. */
export function everySecond(url: string, context: JobBody = {}): JobBody {
  return jobBody(url, { job_cron_time: EVERY_SECOND, enabled: true }, context);
}

/** An enabled one-shot. */
export function oneShot(url: string, at: Date, context: JobBody = {}): JobBody {
  return jobBody(url, { job_cron_time: rfc3339(at), job_type: 'timed', enabled: true }, context);
}

/** Without the fraction when there is none, as the service writes it. */
export function rfc3339(at: Date): string {
  return at.toISOString().replace('.000Z', 'Z');
}

/** The whole second that lies at least `aheadMs` after now. */
export function secondAhead(aheadMs: number): Date {
  return new Date(Math.ceil((Date.now() + aheadMs) / 1000) * 1000);
}
