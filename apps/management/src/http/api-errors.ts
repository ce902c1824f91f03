import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { ErrorDto } from '../errors/error.dto.js';

const DESCRIPTIONS: Record<number, string> = {
  400: 'Something in the request is wrong; `detail.parameters` names it',
  401: 'No token, or one that is not valid',
  403: 'A permission is missing',
  404: 'Unknown id',
  409: 'In conflict with what is stored',
  413: 'Too large',
  429: 'Too many requests, more than a quota of the tenant lets through (`Retry-After`), or too many at once: runs of this job that wait, or callers that follow',
  503: 'The token server, or the database, cannot be asked now',
};

/** Documents what a call may refuse, and with every one what comes before it is looked at. */
export function ApiRefusals(...statuses: number[]) {
  return applyDecorators(
    ...[...new Set([...statuses, 401, 403, 429, 503])].map((status) =>
      ApiResponse({ status, description: DESCRIPTIONS[status] ?? '', type: ErrorDto }),
    ),
  );
}
