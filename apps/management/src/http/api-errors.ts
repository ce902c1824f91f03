import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse } from '@nestjs/swagger';
import { ErrorDto } from '../errors/error.dto.js';

const DESCRIPTIONS: Record<number, string> = {
  400: 'Something in the request is wrong; `detail.parameters` names it',
  401: 'No token, or one that is not valid',
  403: 'Not for this caller',
  404: 'Unknown id',
  409: 'In conflict with what is stored',
  413: 'Too large',
  429: 'Too many at once: runs of this job that wait, or callers that follow',
};

/** Documents what a call may refuse; 401 comes with every one. */
export function ApiRefusals(...statuses: number[]) {
  return applyDecorators(
    ApiBearerAuth(),
    ...[...statuses, 401].map((status) =>
      ApiResponse({ status, description: DESCRIPTIONS[status] ?? '', type: ErrorDto }),
    ),
  );
}
