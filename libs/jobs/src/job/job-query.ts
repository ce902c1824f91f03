import { refuse } from '../errors.js';
import { type JobFilter } from '../ports/job.store.js';
import { endOfSecond } from '../show-time.js';
import { type Optional } from './job-input.js';
import { readTime, readType } from './read-fields.js';

/** Ids in one call; more would be one transaction too long. */
export const MAX_IDS = 1000;
/** Jobs in one answer; a greater `limit` counts as this. */
export const MAX_JOBS = 1000;

/** The query of GET /job, as text. */
export interface JobListQuery {
  limit?: Optional<string>;
  page?: Optional<string>;
  timestamp?: Optional<string>;
  job_type?: Optional<string>;
}

/** Splits the comma list of a path. */
export function splitIds(list: string): string[] {
  return uniqueIds(list.split(','));
}

export function uniqueIds(ids: readonly string[]): string[] {
  const unique = [...new Set(ids)];
  if (unique.length > MAX_IDS) throw refuse.field('job_id', `must name at most ${MAX_IDS} jobs`);
  return unique;
}

export function readListQuery(query: JobListQuery): JobFilter {
  const limit = Math.min(readWhole(query.limit, 1), MAX_JOBS);
  const page = readWhole(query.page, 1);
  if (page < 1) throw refuse.paging();
  const created = readTime('timestamp', query.timestamp);
  return {
    limit,
    offset: (page - 1) * limit,
    ...(created !== null && { createdUntil: endOfSecond(created) }),
    ...(query.job_type && { type: readType(query.job_type) }),
  };
}

function readWhole(text: Optional<string>, fallback: number): number {
  if (text === undefined || text === null) return fallback;
  // Nine digits: beyond lies no page that exists, and no number that a database refuses.
  if (!/^\d{1,9}$/.test(text)) throw refuse.paging();
  return Number(text);
}
