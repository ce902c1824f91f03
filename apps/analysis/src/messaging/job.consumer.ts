import { Claimer } from '@ecron/scheduling';
import { TOPICS } from '@ecron/messaging';
import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';

/** A job has changed: whatever the message says, what is due is looked up. */
@Controller()
export class JobConsumer {
  constructor(private readonly claimer: Claimer) {}

  @EventPattern<string>(TOPICS.job)
  changed(): Promise<void> {
    return this.claimer.claim();
  }
}
