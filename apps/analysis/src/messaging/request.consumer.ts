import { CONFIG, type Config } from '@ecron/config';
import { type JobContext } from '@ecron/domain';
import { TOPICS } from '@ecron/messaging';
import { type QueuedRequest, Tracker } from '@ecron/scheduling';
import { Controller, Inject, Logger } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { bringsContext, readQueuedContext } from './queued-context.js';

const MAX_ID_CHARS = 36;
/** A request is a fact that stands nowhere else: it outlasts a database that is away, before it is handed back. */
const PATIENCE_MS = 300_000;
const PAUSE_MS = 1_000;

/** What is read of a message on the topic of requests; it may come from anyone. */
interface RequestMessage {
  job_id?: unknown;
  job_context?: { execute_id?: unknown };
}

/** The message cannot be used, now or later: it belongs to the dead letters. */
export class UnusableRequestError extends Error {
  override readonly name = 'UnusableRequestError';
}

/** A run is asked for, or a retry of one. The row decides; a message that names none is refused. */
@Controller()
export class RequestConsumer {
  private readonly logger = new Logger('RequestConsumer');

  constructor(
    private readonly tracker: Tracker,
    @Inject(CONFIG) private readonly config: Pick<Config, 'mqAcceptContext'>,
  ) {}

  /** @throws UnusableRequestError, and what has kept a row from being written for minutes: the message comes again */
  @EventPattern<string>(TOPICS.immediate)
  async requested(@Payload() message: RequestMessage): Promise<void> {
    const executeId = message.job_context?.execute_id;
    const jobId = message.job_id;
    if (typeof jobId !== 'string' || typeof executeId !== 'string' || !isId(executeId)) {
      throw new UnusableRequestError('a request without a usable job_id and execute_id');
    }
    const context = this.contextOf(message.job_context);
    const isTaken = await this.take({ jobId, executeId, context });
    if (!isTaken)
      this.logger.warn({
        event: 'request.refused',
        execute_id: executeId,
        msg: `a request was refused: its job is unknown, or too many of its runs wait (execute_id ${executeId})`,
      });
  }

  private async take(request: QueuedRequest): Promise<boolean> {
    for (const since = performance.now(); ; await sleep(PAUSE_MS)) {
      try {
        return await this.tracker.requested(request);
      } catch (error) {
        if (performance.now() - since > PATIENCE_MS) throw error;
        this.logger.warn({
          event: 'request.not_written',
          msg: `a request is not written yet, tried again: ${(error as Error).message}`,
        });
      }
    }
  }

  private contextOf(raw: unknown): JobContext | null {
    if (!bringsContext(raw)) return null;
    if (!this.config.mqAcceptContext) {
      this.logger.warn({
        event: 'request.context_ignored',
        msg: 'the job_context of a request was ignored: the stored job runs (mq_accept_context)',
      });
      return null;
    }
    const context = readQueuedContext(raw);
    if (context === null) throw new UnusableRequestError('a request with a job_context that HTTP cannot run');
    return context;
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const isId = (text: string): boolean => text !== '' && text.length <= MAX_ID_CHARS && /^[\w.:-]+$/.test(text);
