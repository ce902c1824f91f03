import { BoundedQueue } from './bounded-queue.js';

/** Who takes messages. `receive` that rejects gets the message again; `gaveUp` ends that. */
export interface Receiver {
  receive(message: unknown): Promise<void>;
  gaveUp(error: unknown): void;
}

export interface GroupOptions {
  /** Messages that may wait; beyond it the oldest is dropped, since its row is found by polling. */
  queueBound: number;
  /** Messages that one member handles at a time. */
  inFlight: number;
  /** Called when the bound is hit, once until the queue has been empty again. */
  onOverflow: () => void;
}

interface Letter {
  text: string;
  deliveries: number;
}

interface Member {
  receiver: Receiver;
  inFlight: number;
  onIdle: (() => void) | null;
}

/** A message that failed is handed out this many times more. */
const REDELIVERIES = 3;

/**
 * The members that share the messages of one topic, in turn. Handing out happens in a later turn of the event
 * loop than publishing, and begins in the order of publishing.
 */
export class MemoryGroup {
  readonly stats = { dropped: 0, givenUp: 0 };
  private readonly waiting: BoundedQueue<Letter>;
  private members: Member[] = [];
  private turn = 0;
  private isScheduled = false;
  private isOverflowing = false;

  constructor(private readonly options: GroupOptions) {
    this.waiting = new BoundedQueue(options.queueBound);
  }

  get isDeserted(): boolean {
    return this.members.length === 0;
  }

  push(texts: readonly string[]): void {
    for (const text of texts) this.enqueue({ text, deliveries: 0 });
  }

  /** Answers what makes the member leave; that resolves when it has finished what it was handling. */
  join(receiver: Receiver): () => Promise<void> {
    const member: Member = { receiver, inFlight: 0, onIdle: null };
    this.members.push(member);
    this.schedule();
    return () => this.leave(member);
  }

  private async leave(member: Member): Promise<void> {
    this.members = this.members.filter((other) => other !== member);
    if (member.inFlight > 0) await new Promise<void>((resolve) => (member.onIdle = resolve));
  }

  private enqueue(letter: Letter): void {
    const dropped = this.waiting.push(letter);
    if (dropped > 0) this.overflow(dropped);
    this.schedule();
  }

  private overflow(dropped: number): void {
    this.stats.dropped += dropped;
    if (this.isOverflowing) return;
    this.isOverflowing = true;
    this.options.onOverflow();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.handOut());
  }

  private handOut(): void {
    this.isScheduled = false;
    for (let member = this.nextFree(); member !== undefined; member = this.nextFree()) {
      const letter = this.waiting.shift();
      if (letter === undefined) break;
      void this.deliver(member, letter);
    }
    if (this.waiting.size === 0) this.isOverflowing = false;
  }

  private nextFree(): Member | undefined {
    const { members, options } = this;
    for (let tried = 0; tried < members.length; tried++) {
      const member = members[this.turn++ % members.length];
      if (member !== undefined && member.inFlight < options.inFlight) return member;
    }
    return undefined;
  }

  private async deliver(member: Member, letter: Letter): Promise<void> {
    member.inFlight++;
    letter.deliveries++;
    try {
      // Parsed for each delivery: no receiver sees what another one did to the object.
      await member.receiver.receive(JSON.parse(letter.text));
    } catch (error) {
      this.redeliver(member, letter, error);
    }
    member.inFlight--;
    if (member.inFlight === 0) member.onIdle?.();
    if (this.waiting.size > 0) this.schedule();
  }

  private redeliver(member: Member, letter: Letter, error: unknown): void {
    if (letter.deliveries <= REDELIVERIES) return this.enqueue(letter);
    this.stats.givenUp++;
    member.receiver.gaveUp(error);
  }
}
