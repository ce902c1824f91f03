import { type ApiJob } from './api/objects.js';

/** How a Job ended, by its own account. */
export type JobEnd =
  | { kind: 'complete' }
  | { kind: 'failed'; reason: string; message: string }
  /** Removed by someone while it ran. */
  | { kind: 'gone' };

/** Null: it goes on. Other conditions announce an end which has not come, while pods still run. */
export function jobEndOf(job: ApiJob): JobEnd | null {
  for (const { type, status, reason = '', message = '' } of job.status?.conditions ?? []) {
    if (status !== 'True') continue;
    if (type === 'Complete') return { kind: 'complete' };
    if (type === 'Failed') return { kind: 'failed', reason, message };
  }
  return null;
}
