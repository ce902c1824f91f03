import { Requires } from '@ecron/auth';
import { type Caller, type Page } from '@ecron/jobs';
import {
  DELIVERY_STATUSES,
  DeliveryLogService,
  type DeliveryView,
  type TestView,
  WebhookTestService,
} from '@ecron/notification';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { CurrentCaller } from '../http/current-caller.js';
import { JsonPipe } from '../http/json.pipe.js';
import { first, type RawQuery, refuseOthers } from '../http/query.js';
import { DeliveryDto, DeliveryPageDto, WebhookTestDto, WebhookTestResultDto } from './webhook.dto.js';

const NAMES = ['job_id', 'status', 'from', 'to', 'limit', 'cursor'] as const;

@ApiTags('webhook')
@Controller(`${API_PREFIX}/webhook`)
export class WebhookDeliveryController {
  constructor(
    private readonly log: DeliveryLogService,
    private readonly tests: WebhookTestService,
  ) {}

  @Get('delivery')
  @Requires('ecron.job.read')
  @ApiOperation({ summary: 'Results that were told to webhooks or are to be, newest first' })
  @ApiQuery({ name: 'job_id', required: false })
  @ApiQuery({ name: 'status', required: false, enum: DELIVERY_STATUSES })
  @ApiQuery({ name: 'from', required: false, description: 'RFC 3339' })
  @ApiQuery({ name: 'to', required: false, description: 'RFC 3339, exclusive' })
  @ApiQuery({ name: 'limit', required: false, description: 'Default 50, at most 500' })
  @ApiQuery({ name: 'cursor', required: false, description: 'next_cursor of the page before' })
  @ApiResponse({ status: 200, type: DeliveryPageDto })
  @ApiRefusals(400)
  list(@CurrentCaller() caller: Caller, @Query() query: RawQuery): Promise<Page<DeliveryView>> {
    refuseOthers(query, NAMES);
    return this.log.list(caller, Object.fromEntries(NAMES.map((name) => [name, first(query, name)])));
  }

  @Post('delivery/:id/replay')
  @Requires('ecron.job.execute')
  @HttpCode(202)
  @ApiOperation({ summary: 'Tell a result again, under the same webhook-id' })
  @ApiResponse({ status: 202, type: DeliveryDto })
  @ApiRefusals(404, 409)
  replay(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<DeliveryView> {
    return this.log.replay(caller, id);
  }

  @Post('test')
  @Requires('ecron.job.execute')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Send one webhook.test to a URL or to the webhook of a job',
    description: 'Once and at once, signed as results are; the answer says what came of it.',
  })
  @ApiBody({ type: WebhookTestDto })
  @ApiResponse({ status: 200, type: WebhookTestResultDto })
  @ApiRefusals(400, 404, 409, 429)
  test(@CurrentCaller() caller: Caller, @Body(JsonPipe) body: WebhookTestDto): Promise<TestView> {
    return this.tests.test(caller, body);
  }
}
