import { Logger } from '@nestjs/common';
import { type Batch, type Consumer } from 'kafkajs';
import { describeError } from '../dead-letter.js';
import { OffsetTracker } from './offset-tracker.js';

/** Done messages are committed this often, so that few are repeated. */
const COMMIT_EVERY_MS = 50;
const COMMIT_AGAIN_MS = 500;

/** What a member of a group has been handed of each of its partitions; commits what is done of it. */
export class GroupOffsets {
  private readonly logger = new Logger('Kafka');
  private readonly trackers = new Map<number, OffsetTracker>();
  private committing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private isEnded = false;

  constructor(
    private readonly topic: string,
    private readonly consumer: Consumer,
  ) {}

  has(partition: number): boolean {
    return this.trackers.has(partition);
  }

  trackerOf({ partition, highWatermark }: Batch): OffsetTracker {
    const tracker = this.trackers.get(partition);
    if (tracker !== undefined && !tracker.isBeyond(Number(highWatermark))) return tracker;
    const fresh = new OffsetTracker();
    this.trackers.set(partition, fresh);
    return fresh;
  }

  /** After a rebalance: what others have now is theirs to commit. */
  keepOnly(partitions: readonly number[]): void {
    for (const partition of this.trackers.keys()) {
      if (!partitions.includes(partition)) this.trackers.delete(partition);
    }
  }

  commitSoon(): void {
    this.commitIn(COMMIT_EVERY_MS);
  }

  /** One after the other: an older one that came last would take the group back. Never rejects. */
  commit(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.committing = this.committing.then(() => this.commitNow());
    return this.committing;
  }

  /** Resolves when no commit is under way. */
  async settled(): Promise<void> {
    await this.committing;
  }

  /** Nothing is committed from now on. */
  end(): void {
    this.isEnded = true;
    clearTimeout(this.timer);
  }

  private commitIn(afterMs: number): void {
    if (!this.isEnded) this.timer ??= setTimeout(() => void this.commit(), afterMs);
  }

  private async commitNow(): Promise<void> {
    const due = [...this.trackers].flatMap(([partition, tracker]) =>
      tracker.due === null ? [] : [{ partition, tracker, offset: tracker.due }],
    );
    if (due.length === 0 || this.isEnded) return;
    const { topic } = this;
    try {
      await this.consumer.commitOffsets(
        due.map(({ partition, offset }) => ({ topic, partition, offset: String(offset) })),
      );
      for (const { tracker, offset } of due) tracker.markCommitted(offset);
    } catch (error) {
      this.logger.debug({
        event: 'broker.not_committed',
        topic,
        msg: `nothing could be committed on ${topic}: ${describeError(error)}`,
      });
      this.commitIn(COMMIT_AGAIN_MS);
    }
  }
}
