import { isFinal, type ExecutionState } from '@ecron/domain';
import { type OutputProgress, type OutputStream, type StoredOutput } from '@ecron/execution';
import { type EventStream } from './event-stream.js';
import { textBehind } from './output-text.js';

const BEAT_MS = 15_000;
/** A client that takes nothing for so long is cut off. */
const STALLED_AFTER_MS = 60_000;

export type ReadOutput = (executeId: string, attempt: number) => Promise<StoredOutput[]>;
type Events = Pick<EventStream, 'isFull' | 'send' | 'beat' | 'end' | 'cut'>;

/** A caller that follows an execution, from the attempt that wrote last when it came, to the execution's end. */
export class Follower {
  isDone = false;
  private readonly seen = new Map<string, number>();
  private firstAttempt: number | null;
  private sentAt: number;

  constructor(
    readonly executeId: string,
    /** Of the caller. */
    readonly tenantId: string,
    private readonly options: { streams: readonly OutputStream[]; attempt: number | null },
    private readonly events: Events,
    private readonly nowMs: () => number,
  ) {
    this.firstAttempt = options.attempt;
    this.sentAt = nowMs();
  }

  /** Sends what is new. A client that is slow gets it later: what it has not got is in the table. */
  async advance({ state, streams }: OutputProgress, read: ReadOutput): Promise<void> {
    if (this.events.isFull) return this.cutIfStalled();
    this.firstAttempt ??= Math.max(1, ...streams.map(({ attempt }) => attempt));
    for (const attempt of this.changedAttempts(streams)) {
      this.sendNew(await read(this.executeId, attempt));
    }
    if (state === null || isFinal(state as ExecutionState)) this.finish(state ?? '');
    else this.beatIfSilent();
  }

  end(): void {
    this.isDone = true;
    this.events.end();
  }

  private changedAttempts(streams: OutputProgress['streams']): number[] {
    const changed = streams.filter(
      (one) =>
        one.attempt >= (this.firstAttempt ?? 1) &&
        this.options.streams.includes(one.stream) &&
        one.totalBytes > this.seenOf(one),
    );
    return [...new Set(changed.map(({ attempt }) => attempt))].sort((a, b) => a - b);
  }

  private sendNew(stored: readonly StoredOutput[]): void {
    for (const one of stored.filter(({ stream }) => this.options.streams.includes(stream))) {
      const { attempt, stream } = one;
      for (const { text, skippedBytes } of textBehind(one, this.seenOf(one))) {
        const skipped = skippedBytes === 0 ? {} : { skipped_bytes: skippedBytes };
        this.send('output', { attempt, stream, ...skipped, text });
      }
      this.seen.set(keyOf(one), one.totalBytes);
    }
  }

  private finish(state: string): void {
    this.send('end', { state });
    this.end();
  }

  private beatIfSilent(): void {
    if (this.nowMs() - this.sentAt < BEAT_MS) return;
    this.sentAt = this.nowMs();
    this.events.beat();
  }

  private send(event: string, data: object): void {
    this.sentAt = this.nowMs();
    this.events.send(event, data);
  }

  private cutIfStalled(): void {
    if (this.nowMs() - this.sentAt < STALLED_AFTER_MS) return;
    this.isDone = true;
    this.events.cut();
  }

  private seenOf(one: { attempt: number; stream: OutputStream }): number {
    return this.seen.get(keyOf(one)) ?? 0;
  }
}

const keyOf = ({ attempt, stream }: { attempt: number; stream: OutputStream }): string =>
  `${attempt}/${stream}`;
