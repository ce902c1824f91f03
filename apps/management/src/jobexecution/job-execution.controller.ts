import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { demand, Requires } from '@ecron/auth';
import { RequestService, type StatusView } from '@ecron/jobs';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { type ApiCaller, CurrentCaller } from '../http/current-caller.js';
import { NullableJsonPipe } from '../http/json.pipe.js';
import { JobRequestDto } from '../job/job.dto.js';
import { StatusDto } from '../jobstatus/status.dto.js';

@ApiTags('jobexecution')
@Controller(`${API_PREFIX}/jobexecution`)
export class JobExecutionController {
  constructor(private readonly requests: RequestService) {}

  @Post()
  @Requires('ecron.job.execute')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Run at once: a stored job by its job_id, or a context of its own',
    description: 'A context of its own needs `ecron.job.write` too.',
  })
  @ApiResponse({ status: 200, type: StatusDto })
  @ApiRefusals(400, 404, 409, 413, 429)
  run(@CurrentCaller() caller: ApiCaller, @Body(NullableJsonPipe) body: JobRequestDto): Promise<StatusView> {
    // Else whoever may only run what others have written could run anything.
    if (body.job_context !== undefined && body.job_context !== null) demand(caller, 'ecron.job.write');
    return this.requests.request(caller, body);
  }
}
