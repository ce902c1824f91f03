import { NodeClock } from '@ecron/nodes';
import { Injectable, Logger } from '@nestjs/common';
import { type AttemptRequest } from '../executor/executor.js';
import { OutputPart } from './output-part.js';
import { OUTPUT_STREAMS, type OutputStream, OutputStore } from './output.store.js';

/** How often what is running is written. */
const FLUSH_MS = 1_000;
/** What ends at the same time is written together. */
const LINGER_MS = 5;
/** To one transaction. */
const MAX_PIECES = 32;
const MAX_BATCH_BYTES = 1_048_576;
/** The last write of a stream is tried so often, a second apart; then what it would have added is lost. */
const LAST_TRIES = 30;
const RETRY_MS = 1_000;

type Attempt = Pick<AttemptRequest, 'executeId' | 'attempt' | 'epoch'>;

/** What one attempt writes; its executor feeds the streams and closes it before it says how the attempt ended. */
export interface AttemptOutput {
  streams: Record<OutputStream, OutputPart>;
  /** Resolves when all that is kept has been written, or cannot be. */
  close(): Promise<void>;
}

/**
 * Writes what running attempts put out, about once a second, one bounded batch after the other: under load less
 * often, never more at a time. Memory is bounded by the node's capacity and by what is kept of each stream.
 */
@Injectable()
export class OutputRecorder {
  private readonly logger = new Logger('OutputRecorder');
  private readonly open = new Set<OutputPart>();
  private readonly ending = new Set<OutputPart>();
  private timer: NodeJS.Timeout | undefined;
  private soon: NodeJS.Timeout | undefined;
  private isWriting = false;

  constructor(
    private readonly store: OutputStore,
    private readonly clock: NodeClock,
  ) {}

  begin({ executeId, attempt, epoch }: Attempt): AttemptOutput {
    const part = (stream: OutputStream): OutputPart => new OutputPart({ executeId, attempt, epoch, stream });
    const streams = { stdout: part('stdout'), stderr: part('stderr') };
    const parts = OUTPUT_STREAMS.map((name) => streams[name]);
    for (const one of parts) this.open.add(one);
    this.timer ??= setInterval(() => void this.flush(), FLUSH_MS);
    return {
      streams,
      close: async () => void (await Promise.all(parts.map((one) => this.end(one)))),
    };
  }

  private async end(part: OutputPart): Promise<void> {
    this.open.delete(part);
    this.stopWhenIdle();
    part.end();
    if (!part.isDirty) return;
    await new Promise<void>((written) => {
      part.onWritten = written;
      this.ending.add(part);
      this.soon ??= setTimeout(() => void this.flush(), LINGER_MS);
    });
  }

  private stopWhenIdle(): void {
    if (this.open.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async flush(): Promise<void> {
    clearTimeout(this.soon);
    this.soon = undefined;
    if (this.isWriting) return;
    this.isWriting = true;
    const running = new Set([...this.open].filter((part) => part.isDirty));
    while (this.ending.size > 0 || running.size > 0) {
      if (!(await this.writeBatch(this.takeBatch(running)))) await pause(RETRY_MS);
    }
    this.isWriting = false;
  }

  /** What has ended goes first: a run waits for it. */
  private takeBatch(running: Set<OutputPart>): OutputPart[] {
    const batch: OutputPart[] = [];
    let bytes = 0;
    for (const part of new Set([...this.ending, ...running])) {
      bytes += part.sizeBytes;
      if (batch.length === MAX_PIECES || (batch.length > 0 && bytes > MAX_BATCH_BYTES)) break;
      batch.push(part);
      running.delete(part);
    }
    return batch;
  }

  /** One bad piece must not keep the others from being written. False: nothing could be. */
  private async writeBatch(batch: readonly OutputPart[]): Promise<boolean> {
    const error = await this.tryToWrite(batch);
    if (error === null) return true;
    this.logger.warn({
      event: 'output.not_written',
      msg: `${batch.length} outputs not written, tried again: ${error.message}`,
    });
    let isAnyWritten = false;
    for (const part of batch) isAnyWritten = (await this.writeAlone(part)) || isAnyWritten;
    return isAnyWritten;
  }

  private async writeAlone(part: OutputPart): Promise<boolean> {
    const error = await this.tryToWrite([part]);
    if (error !== null) this.handBack(part, error);
    return error === null;
  }

  private async tryToWrite(parts: readonly OutputPart[]): Promise<Error | null> {
    const pieces = parts.map((part) => part.take(this.clock.now()));
    try {
      await this.store.write(pieces);
    } catch (error) {
      return error as Error;
    }
    for (const part of parts) this.settle(part);
    return null;
  }

  private settle(part: OutputPart): void {
    part.confirm();
    if (!part.isDirty) this.finish(part);
  }

  private handBack(part: OutputPart, error: Error): void {
    part.tries++;
    if (!this.ending.has(part) || part.tries < LAST_TRIES) return;
    this.logger.error({
      event: 'output.lost',
      execute_id: part.key.executeId,
      msg: `the end of an output of ${part.key.executeId} is lost: ${error.message}`,
    });
    this.finish(part);
  }

  private finish(part: OutputPart): void {
    this.ending.delete(part);
    part.onWritten?.();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
