import { type AuthenticatedRequest, type Principal } from '@ecron/auth';
import { type Caller } from '@ecron/jobs';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { traceparentOf } from './traced-calls.js';

/** Who calls, in which call. */
export type ApiCaller = Caller & Principal;

type CallersRequest = AuthenticatedRequest & { id: string };

/** The caller, as a parameter of a controller's method: `create(@CurrentCaller() caller: Caller)`. */
export const CurrentCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): ApiCaller | undefined => {
    const request = context.switchToHttp().getRequest<CallersRequest>();
    const { principal, id } = request;
    const traceparent = traceparentOf(request);
    return principal && { ...principal, requestId: id, ...(traceparent !== undefined && { traceparent }) };
  },
);
