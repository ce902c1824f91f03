import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '@ecron/auth';
import { EXECUTION_STATES, TRIGGERS } from '@ecron/domain';
import { type Caller, CancelService, ExecutionService, type ExecutionView, type Page } from '@ecron/jobs';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { CurrentCaller } from '../http/current-caller.js';
import { OptionalJsonPipe } from '../http/json.pipe.js';
import { all, first, type RawQuery, refuseOthers } from '../http/query.js';
import { CancelDto } from './cancel.dto.js';
import { ExecutionDto, ExecutionPageDto } from './execution.dto.js';

const NAMES = ['job_id', 'state', 'trigger', 'from', 'to', 'limit', 'cursor'] as const;

@ApiTags('execution')
@Controller(`${API_PREFIX}/execution`)
export class ExecutionController {
  constructor(
    private readonly executions: ExecutionService,
    private readonly cancels: CancelService,
  ) {}

  @Get()
  @Requires('ecron.job.read')
  @ApiOperation({ summary: 'Executions, newest first by slot or time of request' })
  @ApiQuery({ name: 'job_id', required: false })
  @ApiQuery({ name: 'state', required: false, isArray: true, enum: EXECUTION_STATES })
  @ApiQuery({ name: 'trigger', required: false, enum: TRIGGERS })
  @ApiQuery({ name: 'from', required: false, description: 'RFC 3339' })
  @ApiQuery({ name: 'to', required: false, description: 'RFC 3339, exclusive' })
  @ApiQuery({ name: 'limit', required: false, description: 'Default 50, at most 500' })
  @ApiQuery({ name: 'cursor', required: false, description: 'next_cursor of the page before' })
  @ApiResponse({ status: 200, type: ExecutionPageDto })
  @ApiRefusals(400, 404)
  list(@CurrentCaller() caller: Caller, @Query() query: RawQuery): Promise<Page<ExecutionView>> {
    refuseOthers(query, NAMES);
    return this.executions.list(caller, {
      job_id: first(query, 'job_id'),
      state: all(query, 'state'),
      trigger: first(query, 'trigger'),
      from: first(query, 'from'),
      to: first(query, 'to'),
      limit: first(query, 'limit'),
      cursor: first(query, 'cursor'),
    });
  }

  @Get(':execute_id')
  @Requires('ecron.job.read')
  @ApiOperation({ summary: 'One execution' })
  @ApiResponse({ status: 200, type: ExecutionDto })
  @ApiRefusals(404)
  get(@CurrentCaller() caller: Caller, @Param('execute_id') executeId: string): Promise<ExecutionView> {
    return this.executions.get(caller, executeId);
  }

  @Post(':execute_id/cancel')
  @Requires('ecron.job.execute')
  @HttpCode(202)
  @ApiOperation({
    summary: 'End an execution',
    description:
      'What waits has ended in the answer; what runs is aborted, and ends `interrupted` when it has really stopped.',
  })
  @ApiBody({ type: CancelDto, required: false })
  @ApiResponse({ status: 202, type: ExecutionDto })
  @ApiRefusals(400, 404, 409)
  cancel(
    @CurrentCaller() caller: Caller,
    @Param('execute_id') executeId: string,
    @Body(OptionalJsonPipe) body: CancelDto,
  ): Promise<ExecutionView> {
    return this.cancels.cancel(caller, executeId, body.reason);
  }
}
