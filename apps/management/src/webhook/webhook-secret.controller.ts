import { Requires } from '@ecron/auth';
import { type Caller } from '@ecron/jobs';
import { type NewSecretView, type SecretView, WebhookSecretService } from '@ecron/notification';
import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { CurrentCaller } from '../http/current-caller.js';
import { OptionalJsonPipe } from '../http/json.pipe.js';
import { MadeWebhookSecretDto, NewWebhookSecretDto, WebhookSecretPageDto } from './webhook.dto.js';

@ApiTags('webhook')
@Controller(`${API_PREFIX}/webhook/secret`)
export class WebhookSecretController {
  constructor(private readonly secrets: WebhookSecretService) {}

  @Get()
  @Requires('ecron.job.read')
  @ApiOperation({ summary: "What the caller's tenant signs results with, oldest first; no secrets" })
  @ApiResponse({ status: 200, type: WebhookSecretPageDto })
  @ApiRefusals()
  async list(@CurrentCaller() caller: Caller): Promise<{ items: SecretView[]; next_cursor: null }> {
    return { items: await this.secrets.list(caller), next_cursor: null };
  }

  @Post()
  @Requires('ecron.job.write')
  @ApiOperation({
    summary: 'Make a secret that signs results from now on',
    description:
      'Two of a kind sign side by side, so that receivers can change over; the oldest is deleted then.',
  })
  @ApiBody({ type: NewWebhookSecretDto, required: false })
  @ApiResponse({ status: 201, type: MadeWebhookSecretDto })
  @ApiRefusals(400, 409)
  create(
    @CurrentCaller() caller: Caller,
    @Body(OptionalJsonPipe) body: NewWebhookSecretDto,
  ): Promise<NewSecretView> {
    return this.secrets.create(caller, body.kind ?? 'symmetric');
  }

  @Delete(':secret_id')
  @Requires('ecron.job.write')
  @ApiOperation({ summary: 'Delete a secret: it signs nothing any more' })
  @ApiResponse({ status: 200 })
  @ApiRefusals(404)
  remove(@CurrentCaller() caller: Caller, @Param('secret_id') secretId: string): Promise<void> {
    return this.secrets.remove(caller, secretId);
  }
}
