import { Controller, Get, HttpStatus, Inject, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '@ecron/auth';
import { READINESS_CHECKS, type ReadinessCheck } from './readiness-check.js';
import { StartupState } from './startup-state.js';

/** The part of a response that plain text needs. */
interface TextReply {
  code(status: number): TextReply;
  type(contentType: string): TextReply;
  send(text: string): unknown;
}

/** Probes. They answer plain text, and without a token. */
@ApiTags('health')
@ApiProduces('text/plain')
@Controller('health')
export class HealthController {
  constructor(
    @Inject(READINESS_CHECKS) private readonly checks: readonly ReadinessCheck[],
    private readonly startup: StartupState,
  ) {}

  @Get('alive')
  @Public()
  @ApiOperation({ summary: 'Whether the process runs' })
  @ApiResponse({ status: 200, description: 'It does', schema: { type: 'string', example: 'OK' } })
  alive(@Res() reply: TextReply): void {
    answer(reply, HttpStatus.OK, 'OK');
  }

  @Get('startup')
  @Public()
  @ApiOperation({ summary: 'Whether the process has started; stays so, whatever happens later' })
  @ApiResponse({ status: 200, description: 'It has', schema: { type: 'string', example: 'OK' } })
  @ApiResponse({
    status: 503,
    description: 'Not yet, with what it waits for',
    schema: { type: 'string', example: 'database: being opened' },
  })
  started(@Res() reply: TextReply): void {
    if (this.startup.hasStarted) answer(reply, HttpStatus.OK, 'OK');
    else answer(reply, HttpStatus.SERVICE_UNAVAILABLE, 'service: being started');
  }

  @Get('ready')
  @Public()
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
    const isVerbose = verbose !== undefined;
    // What only degrades changes no answer but the verbose one.
    const asked = this.checks.filter(({ weight }) => isVerbose || weight === 'fails');
    const findings = await Promise.all(asked.map(look));
    const faults = findings.filter(({ fault }) => fault !== null);
    const isReady = faults.every(({ weight }) => weight === 'degrades');
    const text = isReady && !isVerbose ? 'OK' : (isVerbose ? findings : faults).map(line).join('\n');
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
