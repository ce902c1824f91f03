import { Logger } from '@nestjs/common';

const logger = new Logger('Doorbell');

/** Rings and never fails: what is written is found by polling, a lost message only costs time. */
export async function ring(send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    logger.warn({
      event: 'message.not_sent',
      msg: `a message was not sent: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}
