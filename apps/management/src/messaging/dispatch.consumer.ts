import { type DispatchMessage } from '@ecron/domain';
import { AttemptTracer, Runner } from '@ecron/execution';
import { TOPICS } from '@ecron/messaging';
import { Controller, Inject, Optional } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';

/** Due rows that analysis sends. Acknowledged when each is started or declined, never at the end of a run. */
@Controller()
export class DispatchConsumer {
  constructor(
    private readonly runner: Runner,
    @Optional() @Inject(AttemptTracer) private readonly tracer: AttemptTracer | null,
  ) {}

  @EventPattern<string>(TOPICS.execution)
  due(@Payload() message: DispatchMessage): Promise<void> {
    const { execute_ids, traceparents } = message;
    if (traceparents !== undefined) this.tracer?.heard(execute_ids, traceparents);
    return this.runner.offer(message.execute_ids, message.due_at);
  }
}
