import { TOPICS } from '@ecron/messaging';
import { Tracker } from '@ecron/scheduling';
import { Controller, Logger } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';

const MAX_ID_CHARS = 36;

/** What is read of a message on the topic of requests; it may come from anyone. */
interface RequestMessage {
  job_id?: unknown;
  job_context?: { execute_id?: unknown };
}

/** A run is asked for, or a retry of one. The row decides; a message that names none is refused. */
@Controller()
export class RequestConsumer {
  private readonly logger = new Logger('RequestConsumer');

  constructor(private readonly tracker: Tracker) {}

  @EventPattern<string>(TOPICS.immediate)
  async requested(@Payload() message: RequestMessage): Promise<void> {
    const executeId = message.job_context?.execute_id;
    const jobId = message.job_id;
    if (typeof jobId !== 'string' || typeof executeId !== 'string' || !isId(executeId)) {
      this.logger.warn('a request without a usable execute_id was refused');
      return;
    }
    const isKnown = await this.tracker.requested({ jobId, executeId });
    if (!isKnown) this.logger.warn(`a request for an unknown job was refused (execute_id ${executeId})`);
  }
}

const isId = (text: string): boolean => text !== '' && text.length <= MAX_ID_CHARS && /^[\w.:-]+$/.test(text);
