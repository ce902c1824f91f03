import { ApiError } from '../errors.js';

/** A job may be deleted at any time; asking more often than so is of no use. */
const JOBS_RETRY_AFTER_S = 60;

/** The refusals of quotas, each with the key that sets it. */
export const refuseQuota = {
  jobs: (): ApiError =>
    new ApiError(
      'too many requests',
      'This tenant has as many jobs as it may have (tenant_jobs)',
      { conflicts: ['tenant_jobs'] },
      JOBS_RETRY_AFTER_S,
    ),
  /** @param until when runs may be asked for again, like `now` in epoch milliseconds */
  requests: (until: number, now: number): ApiError =>
    new ApiError(
      'too many requests',
      'This tenant has asked for as many runs as it may in a minute (tenant_requests_per_minute)',
      { conflicts: ['tenant_requests_per_minute'] },
      Math.max(1, Math.ceil((until - now) / 1000)),
    ),
};
