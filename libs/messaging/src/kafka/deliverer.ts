import { Logger } from '@nestjs/common';
import {
  type DeadLetter,
  describeError,
  MalformedMessageError,
  parseMessage,
  writeDeadLetter,
} from '../dead-letter.js';
import { Waiters } from './waiters.js';

export interface DelivererOptions {
  /** As the dead letter names them. */
  from: { topic: string; channel: string };
  handle: (message: object) => Promise<void>;
  bury: (letter: DeadLetter) => Promise<void>;
  redeliveryDelaysMs: readonly number[];
}

/** Hands one message to its handler, again when that fails, and puts it away when nothing helps. */
export class Deliverer {
  private readonly logger = new Logger('Kafka');
  private readonly pauses = new Waiters();
  private isStopped = false;

  constructor(private readonly options: DelivererOptions) {}

  /** Never rejects. `'left'`: stopped between two tries, so somebody else has to have the message. */
  async deliver(text: string): Promise<'done' | 'left'> {
    const delays = [...this.options.redeliveryDelaysMs];
    for (;;) {
      const failure = await this.tryOnce(text);
      if (failure === null) return 'done';
      const delayMs = failure.error instanceof MalformedMessageError ? undefined : delays.shift();
      if (delayMs === undefined) return this.bury(text, failure.error);
      if (!this.isStopped) await this.pauses.wait(delayMs);
      if (this.isStopped) return 'left';
    }
  }

  /** No message is tried again from now on. */
  stop(): void {
    this.isStopped = true;
    this.pauses.wake();
  }

  private async tryOnce(text: string): Promise<{ error: unknown } | null> {
    try {
      await this.options.handle(parseMessage(text));
      return null;
    } catch (error) {
      return { error };
    }
  }

  private async bury(text: string, error: unknown): Promise<'done'> {
    const { from, bury } = this.options;
    const what = `a message on ${from.topic} for ${from.channel} (${Buffer.byteLength(text)} bytes)`;
    this.logger.error({ event: 'message.given_up', msg: `${what} was given up: ${describeError(error)}` });
    try {
      await bury(writeDeadLetter(from, text, error, new Date()));
    } catch (failure) {
      this.logger.error({
        event: 'message.dead_letter_failed',
        msg: `${what} could not be put to the dead letters: ${describeError(failure)}`,
      });
    }
    return 'done';
  }
}
