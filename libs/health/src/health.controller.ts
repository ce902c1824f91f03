import { Controller, Get, HttpStatus, Inject, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
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
  @ApiQuery({
    name: 'verbose',
    required: false,
    description: 'Present: a line for each check, also for what is degraded but works',
  })
  @ApiResponse({ status: 200, description: 'It can', schema: { type: 'string', example: 'OK' } })
  @ApiResponse({
    status: 503,
    description: 'It cannot, one reason a line',
    schema: { type: 'string', example: 'database: not reachable' },
  })
  async ready(@Query('verbose') verbose: unknown, @Res() reply: TextReply): Promise<void> {
    const findings = await Promise.all(this.checks.map(look));
    const faults = findings.filter(({ fault }) => fault !== null);
    const isReady = faults.every(({ weight }) => weight === 'degrades');
    const lines = (verbose === undefined ? faults : findings).map(line);
    const text = isReady && verbose === undefined ? 'OK' : lines.join('\n');
    answer(reply, isReady ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE, text);
  }
}

interface Finding {
  name: string;
  weight: ReadinessCheck['weight'];
  fault: string | null;
}

function line({ name, weight, fault }: Finding): string {
  if (fault === null) return `${name}: ok`;
  return weight === 'fails' ? `${name}: ${fault}` : `${name}: degraded, ${fault}`;
}

function answer(reply: TextReply, status: number, text: string): void {
  reply.code(status).type('text/plain').send(text);
}

async function look(check: ReadinessCheck): Promise<Finding> {
  const { name, weight } = check;
  try {
    return { name, weight, fault: await check.findFault() };
  } catch {
    // The text of an error may hold what probes should not learn.
    return { name, weight, fault: 'the check failed' };
  }
}
