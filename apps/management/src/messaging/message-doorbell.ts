import { type StatusMessage } from '@ecron/domain';
import { Doorbell, type JobMessage, type JobMessageData } from '@ecron/jobs';
import { MessagePublisher, TOPICS } from '@ecron/messaging';
import { Injectable } from '@nestjs/common';

/** Rings by messages on the contract's topics. */
@Injectable()
export class MessageDoorbell extends Doorbell {
  constructor(private readonly publisher: MessagePublisher) {
    super();
  }

  jobChanged(message: JobMessage): Promise<void> {
    return this.publisher.publish(TOPICS.job, [message]);
  }

  executionRequested(data: JobMessageData): Promise<void> {
    return this.publisher.publish(TOPICS.immediate, [data]);
  }

  executionEnded(message: StatusMessage): Promise<void> {
    return this.publisher.publish(TOPICS.status, [message]);
  }
}
