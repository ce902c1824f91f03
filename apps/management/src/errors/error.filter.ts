import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CONFIG, type Config } from '@ecron/config';
import { RestAdapter } from '../http/rest-adapter.js';
import { lookUp } from './catalogue.js';
import { type Failure, failure, toFailure } from './failure.js';

/** Answers every error in the one shape; what is not meant for callers becomes a fixed text and a log line. */
@Catch()
@Injectable()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  catch(exception: unknown, context: ArgumentsHost): void {
    if (context.getType() !== 'http') throw exception;
    const http = context.switchToHttp();
    const found = toFailure(exception) ?? this.hide(exception);
    this.send(
      http.getResponse(),
      found.kind === 'unknown path' ? this.refineUnknownPath(http.getRequest()) : found,
    );
  }

  private hide(exception: unknown): Failure {
    const correlationId = randomUUID();
    const text = exception instanceof Error ? exception.stack : String(exception);
    this.logger.error(`internal error, correlation id ${correlationId}`, text);
    return failure('internal', 'Internal error', { correlation_id: correlationId });
  }

  private refineUnknownPath(request: unknown): Failure {
    const unknown = failure('unknown path', '404 page not found');
    const adapter = this.host.httpAdapter;
    if (!(adapter instanceof RestAdapter)) return unknown;
    const allowed = adapter.routes.methodsOf(adapter.getRequestUrl(request as never));
    if (allowed.length === 0) return unknown;
    return { ...failure('wrong method', 'Method not allowed'), headers: { allow: allowed.join(', ') } };
  }

  private send(response: unknown, { kind, causeText, detail, headers }: Failure): void {
    const { httpAdapter } = this.host;
    const { status, code, message } = lookUp(kind, this.config.lang);
    for (const [name, value] of Object.entries(headers)) httpAdapter.setHeader(response, name, value);
    httpAdapter.reply(response, { cause: causeText, code, message, detail }, status);
  }
}
