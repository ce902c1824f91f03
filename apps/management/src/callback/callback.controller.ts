import { Body, Controller, HttpCode, Param, Post, type Type } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '@ecron/auth';
import { type JsonObject } from '@ecron/domain';
import { CallbackService } from '@ecron/jobs';
import { ApiRefusals } from '../http/api-errors.js';
import { ResultPipe } from './result.pipe.js';

/** Where targets report the result of an asynchronous HTTP job. */
abstract class CallbackController {
  constructor(protected readonly callbacks: CallbackService) {}

  @Post(':execute_id')
  @HttpCode(200)
  @ApiOperation({ summary: 'The result of an execution: ends it, once' })
  @ApiBody({ schema: { type: 'object', nullable: true, additionalProperties: true, example: { rows: 7 } } })
  @ApiResponse({ status: 200 })
  @ApiRefusals(400, 404, 413)
  complete(
    @CurrentPrincipal() caller: Principal,
    @Param('execute_id') executeId: string,
    @Body(ResultPipe) result: JsonObject | null,
  ): Promise<void> {
    return this.callbacks.complete(caller, executeId, result);
  }
}

/** The controller for the configured path, which is only known at the start. */
export function callbackControllerAt(path: string): Type<unknown> {
  @ApiTags('callback')
  @Controller(path)
  class ConfiguredCallbackController extends CallbackController {
    constructor(callbacks: CallbackService) {
      super(callbacks);
    }
  }
  return ConfiguredCallbackController;
}
