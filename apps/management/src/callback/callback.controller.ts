import { Body, Controller, HttpCode, Param, Post, type Type } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '@ecron/auth';
import { type JsonObject } from '@ecron/domain';
import { CallbackService, type Caller } from '@ecron/jobs';
import { ApiRefusals } from '../http/api-errors.js';
import { CurrentCaller } from '../http/current-caller.js';
import { CallbackKeyProof } from './callback-key.proof.js';
import { ResultPipe } from './result.pipe.js';

/** Where targets report the result of an asynchronous HTTP job. */
abstract class CallbackController {
  constructor(protected readonly callbacks: CallbackService) {}

  @Post(':execute_id')
  @Requires('ecron.job.execute', CallbackKeyProof)
  @HttpCode(200)
  @ApiOperation({
    summary: 'The result of an execution: ends it, once',
    description:
      'With a token of its tenant, or with the key of the address that the target was given in `webhook`.',
  })
  @ApiQuery({ name: 'key', required: false, description: 'In place of a token' })
  @ApiBody({ schema: { type: 'object', nullable: true, additionalProperties: true, example: { rows: 7 } } })
  @ApiResponse({ status: 200 })
  @ApiRefusals(400, 404, 413)
  complete(
    @CurrentCaller() caller: Caller,
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
