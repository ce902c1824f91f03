import { randomUUID } from 'node:crypto';
import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpStatus,
  Inject,
  Injectable,
  Logger,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CONFIG, type Config } from '@ecron/config';
import { type RawRefusal, type RefusalBody, RestAdapter } from '../http/rest-adapter.js';
import { lookUp } from './catalogue.js';
import { type Failure, failure, toFailure } from './failure.js';

const REDIRECT: Record<string, HttpStatus> = {
  GET: HttpStatus.MOVED_PERMANENTLY,
  HEAD: HttpStatus.MOVED_PERMANENTLY,
};

/** Answers every error in the one shape; what is not meant for callers becomes a fixed text and a log line. */
@Catch()
@Injectable()
export class ErrorFilter implements ExceptionFilter, OnModuleInit {
  private readonly logger = new Logger(ErrorFilter.name);

  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    const { httpAdapter } = this.host;
    if (!(httpAdapter instanceof RestAdapter)) return;
    Object.assign(httpAdapter.refusals, {
      malformedPath: this.describe(failure('bad request', 'The path is malformed')),
      malformedRequest: this.describe(failure('bad request', 'The request is malformed')),
      headTooLarge: this.describe(failure('too large', 'The head of the request is too large')),
      tooSlow: this.describe(failure('bad request', 'The request did not arrive in time')),
    } satisfies Record<RawRefusal, RefusalBody>);
  }

  catch(exception: unknown, context: ArgumentsHost): void {
    if (context.getType() !== 'http') throw exception;
    const http = context.switchToHttp();
    const found = toFailure(exception) ?? this.hide(exception, http.getRequest<{ id: string }>().id);
    if (found.kind === 'unknown path') this.answerUnknownPath(http.getRequest(), http.getResponse());
    else this.send(http.getResponse(), found);
  }

  private hide(exception: unknown, requestId: string): Failure {
    const correlationId = randomUUID();
    const text = exception instanceof Error ? exception.stack : String(exception);
    const ids = { correlation_id: correlationId, request_id: requestId };
    this.logger.error({ event: 'http.internal_error', ...ids, msg: 'internal error' }, text);
    return failure('internal', 'Internal error', { correlation_id: correlationId });
  }

  // A slash too many leads on, as it always did; a known path with a wrong method is not unknown.
  private answerUnknownPath(request: unknown, response: unknown): void {
    const { httpAdapter } = this.host;
    const url = String(httpAdapter.getRequestUrl(request));
    const method = String(httpAdapter.getRequestMethod(request));
    const target = url.replace(/\/(?=$|\?)/, '');
    if (target !== url && this.methodsOf(target).includes(method)) {
      httpAdapter.redirect(response, REDIRECT[method] ?? HttpStatus.TEMPORARY_REDIRECT, target);
    } else {
      this.send(response, unroutable(this.methodsOf(url)));
    }
  }

  private methodsOf(url: string): string[] {
    const { httpAdapter } = this.host;
    return httpAdapter instanceof RestAdapter ? httpAdapter.routes.methodsOf(url) : [];
  }

  private send(response: unknown, found: Failure): void {
    const { httpAdapter } = this.host;
    const { status, body } = this.describe(found);
    for (const [name, value] of Object.entries(found.headers)) httpAdapter.setHeader(response, name, value);
    httpAdapter.reply(response, body, status);
  }

  private describe({ kind, causeText, detail }: Failure): { status: number; body: object } {
    const { status, code, message } = lookUp(kind, this.config.lang);
    return { status, body: { cause: causeText, code, message, detail } };
  }
}

function unroutable(allowed: readonly string[]): Failure {
  if (allowed.length === 0) return failure('unknown path', '404 page not found');
  return { ...failure('wrong method', 'Method not allowed'), headers: { allow: allowed.join(', ') } };
}
