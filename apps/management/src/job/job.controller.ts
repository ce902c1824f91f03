import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '@ecron/auth';
import { JOB_TYPES } from '@ecron/domain';
import { type Caller, JobService, type JobView } from '@ecron/jobs';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { CurrentCaller } from '../http/current-caller.js';
import { JsonPipe, NullableJsonPipe } from '../http/json.pipe.js';
import { all, first, type RawQuery } from '../http/query.js';
import { EnableDto, FailedJobsDto, JobCreatedDto, JobDto, WebhookDto } from './job.dto.js';

const ID_LIST = { name: 'job_id', description: 'One id, or several with commas between' };

@ApiTags('job')
@Controller(`${API_PREFIX}/job`)
export class JobController {
  constructor(private readonly jobs: JobService) {}

  @Get()
  @Requires('ecron.job.read')
  @ApiOperation({ summary: 'Jobs, newest first; with job_id those and no others' })
  @ApiQuery({ name: 'job_id', required: false, isArray: true, type: String, description: 'Repeatable' })
  @ApiQuery({ name: 'limit', required: false, description: 'Default 1, at most 1000' })
  @ApiQuery({ name: 'page', required: false, description: 'From 1' })
  @ApiQuery({ name: 'timestamp', required: false, description: 'Created at or before, RFC 3339' })
  @ApiQuery({ name: 'job_type', required: false, enum: JOB_TYPES })
  @ApiResponse({ status: 200, type: [JobDto] })
  @ApiRefusals(400, 404)
  list(@CurrentCaller() caller: Caller, @Query() query: RawQuery): Promise<JobView[]> {
    const ids = all(query, 'job_id');
    if (ids.length > 0) return this.jobs.listByIds(caller, ids);
    return this.jobs.list(caller, {
      limit: first(query, 'limit'),
      page: first(query, 'page'),
      timestamp: first(query, 'timestamp'),
      job_type: first(query, 'job_type'),
    });
  }

  @Post()
  @Requires('ecron.job.write')
  @ApiOperation({ summary: 'Create a job' })
  @ApiResponse({ status: 201, type: JobCreatedDto })
  @ApiRefusals(400, 409, 413)
  async create(
    @CurrentCaller() caller: Caller,
    @Body(NullableJsonPipe) body: JobDto,
  ): Promise<JobCreatedDto> {
    return { job_id: await this.jobs.create(caller, body) };
  }

  @Put(':job_id')
  @Requires('ecron.job.write')
  @ApiOperation({ summary: 'Replace a job' })
  @ApiResponse({ status: 200 })
  @ApiRefusals(400, 404, 409, 413)
  replace(
    @CurrentCaller() caller: Caller,
    @Param('job_id') jobId: string,
    @Body(NullableJsonPipe) body: JobDto,
  ): Promise<void> {
    return this.jobs.replace(caller, jobId, body);
  }

  @Delete(':job_id')
  @Requires('ecron.job.write')
  @ApiOperation({ summary: 'Delete jobs; unknown ids are ignored' })
  @ApiParam(ID_LIST)
  @ApiResponse({ status: 200 })
  @ApiRefusals()
  remove(@CurrentCaller() caller: Caller, @Param('job_id') ids: string): Promise<void> {
    return this.jobs.remove(caller, ids);
  }

  @Put(':job_id/enable')
  @Requires('ecron.job.write')
  @ApiOperation({ summary: 'Enable or disable jobs' })
  @ApiParam(ID_LIST)
  @ApiResponse({ status: 200 })
  @ApiRefusals(400, 404)
  enable(
    @CurrentCaller() caller: Caller,
    @Param('job_id') ids: string,
    @Body(JsonPipe) body: EnableDto,
  ): Promise<void> {
    return this.jobs.setEnabled(caller, ids, body.enable);
  }

  @Put(':job_id/notify')
  @Requires('ecron.job.write')
  @ApiOperation({ summary: 'Set the result webhook of jobs' })
  @ApiParam(ID_LIST)
  @ApiResponse({ status: 200, type: FailedJobsDto })
  @ApiRefusals(400, 404)
  async notify(
    @CurrentCaller() caller: Caller,
    @Param('job_id') ids: string,
    @Body(JsonPipe) body: WebhookDto,
  ): Promise<FailedJobsDto> {
    await this.jobs.setWebhook(caller, ids, body);
    return { failed_job_id: [] };
  }
}
