/**
 * What goes first when several writers wait for SQLite's single pen: signs of life, which are one short row twice a
 * second, then timers on time, then bookkeeping.
 */
export const WRITE_PRIORITIES = ['beat', 'start', 'record', 'routine', 'edit', 'claim'] as const;
export type WritePriority = (typeof WRITE_PRIORITIES)[number];

/** Edits and records are what callers bring; the rest is bounded by the routines, of which each does one at a time. */
const MAX_WAITING: Partial<Record<WritePriority, number>> = { record: 10_000, edit: 10_000 };
/** One turn in so many is the longest waiting piece's, whatever its priority, so that none waits for ever. */
const TURNS_PER_OLDEST = 8;

/** Too many wait already; nothing was done. Worth another try in some seconds. */
export class WriteQueueFullError extends Error {
  constructor() {
    super('too many writes are waiting');
  }
}

interface Piece {
  number: number;
  work: () => Promise<void>;
  isOrder: boolean;
}

/**
 * Gives work to the pen: the most urgent first, first come first served within a priority; every eighth turn
 * whatever has waited longest. At most 10 000 edits wait, and as many records: one more is refused. A piece of several
 * statements has the pen to itself; orders, which are each one transaction for the pen, may stand in line there,
 * `depth` of them, so that it need not wait for this thread between two.
 */
export class WriteQueue {
  private readonly waiting = new Map<WritePriority, Piece[]>(WRITE_PRIORITIES.map((p) => [p, []]));
  private underWay = 0;
  private isExclusive = false;
  private pieces = 0;
  private turns = 0;

  constructor(private readonly depth = 1) {}

  get figures(): { size: number; busy: number; waiting: number } {
    const waiting = [...this.waiting.values()].reduce((sum, queue) => sum + queue.length, 0);
    return { size: this.depth, busy: this.underWay, waiting };
  }

  /** Work that gives the pen one statement after the other. */
  run<T>(priority: WritePriority, work: () => Promise<T>): Promise<T> {
    return this.add(priority, work, false);
  }

  /** Work that gives the pen one whole transaction. */
  order<T>(priority: WritePriority, work: () => Promise<T>): Promise<T> {
    return this.add(priority, work, true);
  }

  private add<T>(priority: WritePriority, work: () => Promise<T>, isOrder: boolean): Promise<T> {
    const queue = this.waiting.get(priority) ?? [];
    const isFull = queue.length >= (MAX_WAITING[priority] ?? Infinity);
    if (isFull) return Promise.reject(new WriteQueueFullError());
    return new Promise<T>((resolve, reject) => {
      queue.push({ number: this.pieces++, work: () => work().then(resolve, reject), isOrder });
      this.pump();
    });
  }

  private pump(): void {
    for (let queue = this.next(); queue !== undefined; queue = this.next()) {
      const isOrder = queue[0]?.isOrder === true;
      if (this.isExclusive || this.underWay >= (isOrder ? this.depth : 1)) return;
      this.turns++;
      this.begin(queue.shift());
    }
  }

  private begin(piece: Piece | undefined): void {
    if (piece === undefined) return;
    this.underWay++;
    this.isExclusive = !piece.isOrder;
    void piece.work().then(() => {
      this.underWay--;
      this.isExclusive = false;
      // A pen that writes inline answers within the call: this lets timers and sockets in between.
      if (this.depth === 1) setImmediate(() => this.pump());
      else this.pump();
    });
  }

  private next(): Piece[] | undefined {
    const queues = [...this.waiting.values()].filter((queue) => queue.length > 0);
    if ((this.turns + 1) % TURNS_PER_OLDEST !== 0) return queues[0];
    const oldest = Math.min(...queues.map((queue) => queue[0]?.number ?? Infinity));
    return queues.find((queue) => queue[0]?.number === oldest);
  }
}
