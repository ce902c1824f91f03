import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '@ecron/auth';
import { type Caller, JobService } from '@ecron/jobs';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { CurrentCaller } from '../http/current-caller.js';
import { first, type RawQuery } from '../http/query.js';
import { JobTotalDto } from './job.dto.js';

@ApiTags('job')
@Controller(`${API_PREFIX}/jobtotal`)
export class JobTotalController {
  constructor(private readonly jobs: JobService) {}

  @Get()
  @Requires('ecron.job.read')
  @ApiOperation({ summary: 'How many jobs there are' })
  @ApiQuery({ name: 'begin_at', required: false, description: 'Created at or after, RFC 3339' })
  @ApiQuery({ name: 'end_at', required: false, description: 'Created at or before, RFC 3339' })
  @ApiResponse({ status: 200, type: JobTotalDto })
  @ApiRefusals(400)
  total(@CurrentCaller() caller: Caller, @Query() query: RawQuery): Promise<JobTotalDto> {
    return this.jobs.total(caller, first(query, 'begin_at'), first(query, 'end_at'));
  }
}
