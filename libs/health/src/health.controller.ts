import { Controller, Get, HttpStatus, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '@ecron/auth';
import { READINESS_CHECKS, type ReadinessCheck } from './readiness-check.js';

/** The part of a response that plain text needs. */
interface TextReply {
  code(status: number): TextReply;
  type(contentType: string): TextReply;
  send(text: string): unknown;
}

/** Probes. They answer plain text, and without a token. */
@Public()
@ApiTags('health')
@ApiProduces('text/plain')
@Controller('health')
export class HealthController {
  constructor(@Inject(READINESS_CHECKS) private readonly checks: readonly ReadinessCheck[]) {}

  @Get('alive')
  @ApiOperation({ summary: 'Whether the process runs' })
  @ApiResponse({ status: 200, description: 'It does', schema: { type: 'string', example: 'OK' } })
  alive(@Res() reply: TextReply): void {
    answer(reply, HttpStatus.OK, 'OK');
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether the process can take work' })
  @ApiResponse({ status: 200, description: 'It can', schema: { type: 'string', example: 'OK' } })
  @ApiResponse({
    status: 503,
    description: 'It cannot, one reason a line',
    schema: { type: 'string', example: 'database: not reachable' },
  })
  async ready(@Res() reply: TextReply): Promise<void> {
    const faults = (await Promise.all(this.checks.map(findFault))).filter((fault) => fault !== null);
    if (faults.length === 0) answer(reply, HttpStatus.OK, 'OK');
    else answer(reply, HttpStatus.SERVICE_UNAVAILABLE, faults.join('\n'));
  }
}

function answer(reply: TextReply, status: number, text: string): void {
  reply.code(status).type('text/plain').send(text);
}

async function findFault(check: ReadinessCheck): Promise<string | null> {
  try {
    const fault = await check.findFault();
    return fault === null ? null : `${check.name}: ${fault}`;
  } catch {
    // The text of an error may hold what probes should not learn.
    return `${check.name}: the check failed`;
  }
}
