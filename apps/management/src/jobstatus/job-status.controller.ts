import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '@ecron/auth';
import { JOB_STATUSES, JOB_TYPES } from '@ecron/domain';
import { type Caller, StatusService, type StatusView } from '@ecron/jobs';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { CurrentCaller } from '../http/current-caller.js';
import { JsonListPipe } from '../http/json.pipe.js';
import { first, type RawQuery } from '../http/query.js';
import { FailedJobsDto } from '../job/job.dto.js';
import { StatusDto } from './status.dto.js';

const readList = new JsonListPipe(StatusDto);

@ApiTags('jobstatus')
@Controller(`${API_PREFIX}/jobstatus`)
export class JobStatusController {
  constructor(private readonly statuses: StatusService) {}

  @Get()
  @Requires('ecron.job.read')
  @ApiOperation({ summary: 'Executions, newest begin first; with a job_id alone the latest one' })
  @ApiQuery({ name: 'job_id', required: false })
  @ApiQuery({ name: 'job_type', required: false, enum: JOB_TYPES })
  @ApiQuery({ name: 'job_status', required: false, enum: JOB_STATUSES })
  @ApiQuery({ name: 'begin_at', required: false, description: 'Begun at or after, RFC 3339' })
  @ApiQuery({ name: 'end_at', required: false, description: 'Begun at or before, RFC 3339' })
  @ApiResponse({ status: 200, type: [StatusDto] })
  @ApiRefusals(400, 404)
  list(@CurrentCaller() caller: Caller, @Query() query: RawQuery): Promise<StatusView[]> {
    return this.find(caller, first(query, 'job_id'), query);
  }

  @Get(':id')
  @Requires('ecron.job.read')
  @ApiOperation({ summary: 'Executions of one job; without filters the latest one' })
  @ApiParam({ name: 'id', description: 'The job' })
  @ApiQuery({ name: 'job_type', required: false, enum: JOB_TYPES })
  @ApiQuery({ name: 'job_status', required: false, enum: JOB_STATUSES })
  @ApiQuery({ name: 'begin_at', required: false, description: 'Begun at or after, RFC 3339' })
  @ApiQuery({ name: 'end_at', required: false, description: 'Begun at or before, RFC 3339' })
  @ApiResponse({ status: 200, type: [StatusDto] })
  @ApiRefusals(400, 404)
  listOfJob(
    @CurrentCaller() caller: Caller,
    @Param('id') jobId: string,
    @Query() query: RawQuery,
  ): Promise<StatusView[]> {
    return this.find(caller, jobId, query);
  }

  @Put()
  @Requires('ecron.job.execute')
  @ApiOperation({ summary: 'Report executions that were run elsewhere' })
  @ApiBody({ type: [StatusDto] })
  @ApiResponse({ status: 200, type: FailedJobsDto })
  @ApiRefusals(400, 413)
  async report(@CurrentCaller() caller: Caller, @Body(readList) items: StatusDto[]): Promise<FailedJobsDto> {
    return { failed_job_id: await this.statuses.report(caller, items) };
  }

  @Put(':id')
  @Requires('ecron.job.execute')
  @ApiOperation({ summary: 'The same; the id of the path means nothing, each item names its own' })
  @ApiParam({ name: 'id', description: 'Any text' })
  @ApiBody({ type: [StatusDto] })
  @ApiResponse({ status: 200, type: FailedJobsDto })
  @ApiRefusals(400, 413)
  reportWithId(@CurrentCaller() caller: Caller, @Body(readList) items: StatusDto[]): Promise<FailedJobsDto> {
    return this.report(caller, items);
  }

  private find(caller: Caller, jobId: string | undefined, query: RawQuery): Promise<StatusView[]> {
    return this.statuses.list(caller, {
      job_id: jobId,
      job_type: first(query, 'job_type'),
      job_status: first(query, 'job_status'),
      begin_at: first(query, 'begin_at'),
      end_at: first(query, 'end_at'),
    });
  }
}
