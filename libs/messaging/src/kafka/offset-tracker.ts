/**
 * Messages of one partition that may be done behind one that is not; beyond it the oldest no longer holds the others
 * back. Should the process die while that one is still at work, it is not redelivered.
 */
const MAX_ENTRIES = 10_000;

export interface TrackedMessage {
  offset: number;
  isDone: boolean;
}

/** What has been handed out of one partition, and up to where all of it is done. */
export class OffsetTracker {
  private readonly entries: TrackedMessage[] = [];
  private next = 0;
  private doneUpTo: number | null = null;
  private committed: number | null = null;

  /** Null when the message has been handed out before: Kafka repeats what was not committed when a member comes or goes. */
  begin(offset: number): TrackedMessage | null {
    if (offset < this.next) return null;
    this.next = offset + 1;
    const entry = { offset, isDone: false };
    this.entries.push(entry);
    if (this.entries.length > MAX_ENTRIES) this.shift();
    return entry;
  }

  finish(entry: TrackedMessage): void {
    entry.isDone = true;
    while (this.entries[0]?.isDone === true) this.shift();
  }

  /** The offset to commit, that of the first message not done; null when that is committed already. */
  get due(): number | null {
    return this.doneUpTo === this.committed ? null : this.doneUpTo;
  }

  markCommitted(offset: number): void {
    this.committed = offset;
  }

  /** Whether `endOffset`, one after the partition's last message, shows that the topic was made anew. */
  isBeyond(endOffset: number): boolean {
    return this.next > endOffset;
  }

  private shift(): void {
    const entry = this.entries.shift();
    if (entry !== undefined) this.doneUpTo = entry.offset + 1;
  }
}
