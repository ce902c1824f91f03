/** What goes first when several writers wait for SQLite's single pen: timers on time before bookkeeping. */
export const WRITE_PRIORITIES = ['start', 'record', 'edit', 'claim'] as const;
export type WritePriority = (typeof WRITE_PRIORITIES)[number];

interface Piece {
  work: () => Promise<void>;
  isOrder: boolean;
}

/**
 * Gives work to the pen: the most urgent first, first come first served within a priority. A piece of several
 * statements has the pen to itself; orders, which are each one transaction for the pen, may stand in line there,
 * `depth` of them, so that it need not wait for this thread between two.
 */
export class WriteQueue {
  private readonly waiting = new Map<WritePriority, Piece[]>(WRITE_PRIORITIES.map((p) => [p, []]));
  private underWay = 0;
  private isExclusive = false;

  constructor(private readonly depth = 1) {}

  /** Work that gives the pen one statement after the other. */
  run<T>(priority: WritePriority, work: () => Promise<T>): Promise<T> {
    return this.add(priority, work, false);
  }

  /** Work that gives the pen one whole transaction. */
  order<T>(priority: WritePriority, work: () => Promise<T>): Promise<T> {
    return this.add(priority, work, true);
  }

  private add<T>(priority: WritePriority, work: () => Promise<T>, isOrder: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.get(priority)?.push({ work: () => work().then(resolve, reject), isOrder });
      this.pump();
    });
  }

  private pump(): void {
    for (let queue = this.first(); queue !== undefined; queue = this.first()) {
      const isOrder = queue[0]?.isOrder === true;
      if (this.isExclusive || this.underWay >= (isOrder ? this.depth : 1)) return;
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

  private first(): Piece[] | undefined {
    for (const queue of this.waiting.values()) if (queue.length > 0) return queue;
    return undefined;
  }
}
