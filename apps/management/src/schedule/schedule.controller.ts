import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '@ecron/auth';
import { type Preview, ScheduleService } from '@ecron/jobs';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { JsonPipe } from '../http/json.pipe.js';
import { PreviewAnswerDto, PreviewDto } from './preview.dto.js';

@ApiTags('schedule')
@Controller(`${API_PREFIX}/schedule`)
export class ScheduleController {
  constructor(private readonly schedules: ScheduleService) {}

  @Post('preview')
  @Requires('ecron.job.read')
  @HttpCode(200)
  @ApiOperation({ summary: 'When a schedule would be due' })
  @ApiResponse({ status: 200, type: PreviewAnswerDto })
  @ApiRefusals(400)
  preview(@Body(JsonPipe) body: PreviewDto): Preview {
    return this.schedules.preview(body);
  }
}
