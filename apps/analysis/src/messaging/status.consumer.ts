import { type StatusMessage } from '@ecron/domain';
import { TOPICS } from '@ecron/messaging';
import { Tracker } from '@ecron/scheduling';
import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';

/** An attempt has ended, or someone outside reports on a run. */
@Controller()
export class StatusConsumer {
  constructor(private readonly tracker: Tracker) {}

  @EventPattern<string>(TOPICS.status)
  changed(@Payload() message: StatusMessage): void {
    this.tracker.statusChanged(message);
  }
}
