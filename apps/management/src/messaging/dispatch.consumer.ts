import { type DispatchMessage } from '@ecron/domain';
import { Runner } from '@ecron/execution';
import { TOPICS } from '@ecron/messaging';
import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';

/** Due rows that analysis sends. Acknowledged when each is started or declined, never at the end of a run. */
@Controller()
export class DispatchConsumer {
  constructor(private readonly runner: Runner) {}

  @EventPattern<string>(TOPICS.execution)
  due(@Payload() message: DispatchMessage): Promise<void> {
    return this.runner.offer(message.execute_ids, message.due_at);
  }
}
