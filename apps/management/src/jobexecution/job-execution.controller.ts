import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '@ecron/auth';
import { RequestService, type StatusView } from '@ecron/jobs';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { NullableJsonPipe } from '../http/json.pipe.js';
import { JobRequestDto } from '../job/job.dto.js';
import { StatusDto } from '../jobstatus/status.dto.js';

@ApiTags('jobexecution')
@Controller(`${API_PREFIX}/jobexecution`)
export class JobExecutionController {
  constructor(private readonly requests: RequestService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Run at once: a stored job by its job_id, or a context of its own' })
  @ApiResponse({ status: 200, type: StatusDto })
  @ApiRefusals(400, 404, 409, 413, 429)
  run(
    @CurrentPrincipal() caller: Principal,
    @Body(NullableJsonPipe) body: JobRequestDto,
  ): Promise<StatusView> {
    return this.requests.request(caller, body);
  }
}
