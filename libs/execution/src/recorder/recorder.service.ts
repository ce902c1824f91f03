import { type StatusMessage, statusMessage } from '@ecron/domain';
import { MessagePublisher, TOPICS } from '@ecron/messaging';
import { Injectable, Logger } from '@nestjs/common';
import { type RecordedState, type RunRecord, RunStore } from '../ports/run.store.js';

const MAX_BATCH = 128;
/** Written once no further end has come for this long: while a burst goes out, the database and the processor are its own. */
const PAUSE_MS = 5;
/** But no end waits longer than this, nor do more than so many. */
const LONGEST_WAIT_MS = 100;
const MAX_PENDING = 1_024;
const RETRY_MS = 1_000;
/** What the database refuses while it takes others is not mended soon. */
const REFUSED_RETRY_MS = 30_000;

interface Pending {
  record: RunRecord;
  written: () => void;
}

/**
 * Writes how runs ended, in small batches, and rings. A record is never given up: while the database is away it
 * is tried again, and its run keeps its place, so the buffer is bounded by the node's capacity.
 */
@Injectable()
export class Recorder {
  private readonly logger = new Logger('Recorder');
  private readonly pending: Pending[] = [];
  private timer: NodeJS.Timeout | undefined;
  private flushAt = 0;
  private writing = false;

  constructor(
    private readonly store: RunStore,
    private readonly publisher: MessagePublisher,
  ) {}

  /** Resolves when the record is durable. */
  write(record: RunRecord): Promise<void> {
    return new Promise((written) => {
      this.pending.push({ record, written });
      if (this.pending.length >= MAX_PENDING) void this.flush();
      else this.linger();
    });
  }

  private linger(): void {
    if (this.timer === undefined) {
      this.flushAt = performance.now() + LONGEST_WAIT_MS;
      this.timer = setTimeout(() => void this.flush(), PAUSE_MS);
    } else if (performance.now() + PAUSE_MS <= this.flushAt) this.timer.refresh();
  }

  private async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.writing) return;
    this.writing = true;
    while (this.pending.length > 0) await this.writeBatch(this.pending.splice(0, MAX_BATCH));
    this.writing = false;
  }

  private async writeBatch(batch: Pending[]): Promise<void> {
    try {
      await this.writeAndRing(batch.map((p) => p.record));
      for (const { written } of batch) written();
    } catch (error) {
      await this.mend(batch, error as Error);
    }
  }

  /** One bad row must not keep the others from being written: a batch is split. */
  private async mend(batch: Pending[], error: Error): Promise<void> {
    this.logger.error({
      event: 'record.failed',
      msg: `${batch.length} results not written, tried again: ${error.message}`,
    });
    if (batch.length > 1) for (const one of batch) await this.writeBatch([one]);
    else for (const one of batch) await this.writeAlone(one);
  }

  /** A payload is dropped only where it is refused by a database that is known to take records: not for an outage's sake. */
  private async writeAlone(pending: Pending): Promise<void> {
    const { record, written } = pending;
    for (let isAway = true; isAway;) {
      await delay(RETRY_MS);
      if (await this.tryToWrite(record)) return written();
      isAway = !(await this.tryToWrite());
    }
    if (await this.writeOrDrop(record)) return written();
    this.logger.error({
      event: 'record.refused',
      execute_id: record.executeId,
      msg: `the end of ${record.executeId} is refused by the database; the others go on without it`,
    });
    void this.keepTrying(pending);
  }

  /** Its run keeps its place, and no other waits for it. */
  private async keepTrying({ record, written }: Pending): Promise<void> {
    for (let isWritten = false; !isWritten;) {
      await delay(REFUSED_RETRY_MS);
      isWritten = (await this.tryToWrite()) && (await this.writeOrDrop(record));
    }
    written();
  }

  private async writeOrDrop(record: RunRecord): Promise<boolean> {
    return (await this.tryToWrite(record)) || this.tryToWrite(withoutPayload(record));
  }

  private tryToWrite(...records: RunRecord[]): Promise<boolean> {
    return this.writeAndRing(records).then(
      () => true,
      () => false,
    );
  }

  private async writeAndRing(records: readonly RunRecord[]): Promise<void> {
    const written = await this.store.record(records);
    // Not waited for: a broker that says nothing must not keep places taken.
    void this.publisher.publish(TOPICS.status, written.map(toMessage)).catch((error: Error) =>
      this.logger.warn({
        event: 'status.not_sent',
        msg: `status not sent, analysis will find it: ${error.message}`,
      }),
    );
  }
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function withoutPayload(record: RunRecord): RunRecord {
  return { ...record, settlement: { ...record.settlement, result: null, error: 'result_dropped' } };
}

function toMessage(recorded: RecordedState): StatusMessage {
  return statusMessage(recorded, recorded.endedAt === null ? '' : new Date(recorded.endedAt).toISOString());
}
