import { type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags, type OpenAPIObject } from '@nestjs/swagger';
import { Requires } from '@ecron/auth';
import { OutputStore } from '@ecron/execution';
import { type Caller, ExecutionService, scopeOf } from '@ecron/jobs';
import { ApiRefusals } from '../http/api-errors.js';
import { API_PREFIX } from '../http/api-prefix.js';
import { CurrentCaller } from '../http/current-caller.js';
import { type RawQuery } from '../http/query.js';
import { EventStream } from './event-stream.js';
import { Follower } from './follower.js';
import { OutputFollowers } from './output-followers.service.js';
import { type OutputQuery, readOutputQuery } from './output-query.js';
import { showOutput } from './output-text.js';

/** The part of the server's reply that is used here. */
interface Reply {
  raw: ServerResponse;
  header(name: string, value: string): Reply;
  getHeaders(): OutgoingHttpHeaders;
  send(text: string): unknown;
  /** From then on the response is ours alone. */
  hijack(): unknown;
}

const EVENT: NonNullable<NonNullable<OpenAPIObject['components']>['schemas']> = {
  event: { type: 'string', enum: ['output', 'end'] },
  data: { type: 'string', description: 'JSON' },
};

@ApiTags('execution')
@Controller(`${API_PREFIX}/execution`)
export class OutputController {
  constructor(
    private readonly executions: ExecutionService,
    private readonly outputs: OutputStore,
    private readonly followers: OutputFollowers,
  ) {}

  @Get(':execute_id/output')
  @Requires('ecron.job.read')
  @ApiOperation({
    summary: 'What a command or pod has written',
    description:
      'The beginning and the end of each stream, 64 KB of each. With `follow` as Server-Sent Events until the execution ends: `output` with `{"attempt", "stream", "text"}`, and `skipped_bytes` where something before it was not kept; then `end` with `{"state"}`.',
  })
  @ApiQuery({
    name: 'stream',
    required: false,
    enum: ['stdout', 'stderr', 'all'],
    description: 'Default all',
  })
  @ApiQuery({ name: 'follow', required: false, enum: ['true', 'false'] })
  @ApiQuery({ name: 'attempt', required: false, description: 'Default: the last one that wrote anything' })
  @ApiResponse({
    status: 200,
    content: {
      'text/plain': { schema: { type: 'string' } },
      'text/event-stream': { schema: { type: 'object', properties: EVENT } },
    },
  })
  @ApiRefusals(400, 404, 429)
  async read(
    @CurrentCaller() caller: Caller,
    @Param('execute_id') executeId: string,
    @Query() query: RawQuery,
    @Res() reply: Reply,
  ): Promise<void> {
    const asked = readOutputQuery(query);
    // Whoever may not see the execution learns nothing of its output.
    await this.executions.get(caller, executeId);
    if (asked.isFollowed && reply.raw.req.method !== 'HEAD') this.follow(caller, executeId, asked, reply);
    else await this.show(caller, executeId, asked, reply);
  }

  private async show(
    caller: Caller,
    executeId: string,
    { attempt, streams }: OutputQuery,
    reply: Reply,
  ): Promise<void> {
    const scope = scopeOf(caller);
    const stored = await (attempt === null
      ? this.outputs.readLast(scope, executeId)
      : this.outputs.read(scope, executeId, attempt));
    reply
      .header('content-type', 'text/plain; charset=utf-8')
      // It is the tenant's own text: no browser may take it for a page.
      .header('x-content-type-options', 'nosniff')
      .send(showOutput(stored, streams));
  }

  private follow({ clientId }: Caller, executeId: string, asked: OutputQuery, reply: Reply): void {
    this.followers.refuseIfFull(clientId);
    reply.hijack();
    const events = new EventStream(reply.raw, reply.getHeaders());
    const follower = new Follower(executeId, clientId, asked, events, () => performance.now());
    events.onClose(() => this.followers.remove(follower));
    this.followers.add(follower);
  }
}
