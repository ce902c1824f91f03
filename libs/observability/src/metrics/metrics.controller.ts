import { createHash, timingSafeEqual } from 'node:crypto';
import { Public } from '@ecron/auth';
import { Controller, Get, Headers, HttpStatus, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Metrics } from './metrics.js';

/** DI token of what a scraper has to send as its bearer token; null: anyone may read. */
export const METRICS_TOKEN = Symbol('METRICS_TOKEN');

/** The part of a response that plain text needs. */
interface TextReply {
  code(status: number): TextReply;
  header(name: string, value: string): TextReply;
  send(text: string): unknown;
}

const TEXT = 'text/plain; charset=utf-8';

/** What Prometheus scrapes. Callers' tokens mean nothing here: a scraper has one of its own, or needs none. */
@ApiTags('metrics')
@ApiProduces('text/plain')
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    @Inject(METRICS_TOKEN) private readonly token: string | null,
  ) {}

  @Get()
  @Public()
  @ApiOperation({ summary: 'What the process tells of itself, in the text format of Prometheus' })
  @ApiResponse({ status: 200, description: 'docs/metrics.md lists the metrics', schema: { type: 'string' } })
  @ApiResponse({
    status: 401,
    description: '`metrics_token` is configured and was not sent as a bearer token',
    schema: { type: 'string', example: 'token needed' },
  })
  async read(
    @Headers('authorization') authorization: string | undefined,
    @Res() reply: TextReply,
  ): Promise<void> {
    if (this.token === null || isBearer(this.token, authorization)) {
      const text = await this.metrics.text();
      reply.header('content-type', this.metrics.contentType).send(text);
    } else {
      const refused = reply.code(HttpStatus.UNAUTHORIZED).header('www-authenticate', 'Bearer');
      refused.header('content-type', TEXT).send('token needed');
    }
  }
}

/** In the same time whatever was sent. */
function isBearer(token: string, authorization: string | undefined): boolean {
  const sent = /^bearer +(.+)$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(token), digest(sent));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
