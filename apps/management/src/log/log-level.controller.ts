import { Requires } from '@ecron/auth';
import { type Caller } from '@ecron/jobs';
import { NodeIdentity } from '@ecron/nodes';
import { LogLevel } from '@ecron/observability';
import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { CurrentCaller } from '../http/current-caller.js';
import { JsonPipe } from '../http/json.pipe.js';
import { LogLevelAnswerDto, LogLevelDto } from './log-level.dto.js';

/** Nothing of a tenant's, and nothing that is kept: the log itself says who has changed it. */
@ApiTags('log')
@Controller(`${API_PREFIX}/log/level`)
export class LogLevelController {
  constructor(
    private readonly level: LogLevel,
    private readonly node: NodeIdentity,
  ) {}

  @Get()
  @Requires('ecron.admin')
  @ApiOperation({ summary: 'What the node that answers writes into its log; for admins' })
  @ApiResponse({ status: 200, type: LogLevelAnswerDto })
  @ApiRefusals()
  show(): LogLevelAnswerDto {
    return { level: this.level.current, node: this.node.name };
  }

  @Put()
  @Requires('ecron.admin')
  @ApiOperation({ summary: 'Changes that for the node that answers, until it ends; for admins' })
  @ApiResponse({ status: 200, type: LogLevelAnswerDto })
  @ApiRefusals(400)
  change(@CurrentCaller() caller: Caller, @Body(JsonPipe) { level }: LogLevelDto): LogLevelAnswerDto {
    const { userId, clientId, requestId } = caller;
    this.level.set(level, { user_id: userId, client_id: clientId, request_id: requestId });
    return this.show();
  }
}
