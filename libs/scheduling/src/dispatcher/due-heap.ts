import { startAheadMs } from '@ecron/domain';
import { type HeldRow } from '../ports/claim.store.js';

/** When a row is sent to the management nodes. */
export const sendAt = ({ dueAt }: HeldRow): number => dueAt - startAheadMs(dueAt);

/** A binary heap of rows, the first to be sent on top. */
export class DueHeap {
  private readonly rows: HeldRow[] = [];

  get size(): number {
    return this.rows.length;
  }

  peek(): HeldRow | undefined {
    return this.rows[0];
  }

  push(row: HeldRow): void {
    let at = this.rows.push(row) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.sendAt(parent) <= sendAt(row)) break;
      this.move(parent, at);
      at = parent;
    }
    this.rows[at] = row;
  }

  pop(): HeldRow | undefined {
    const top = this.rows[0];
    const last = this.rows.pop();
    if (last !== undefined && this.rows.length > 0) this.sink(last);
    return top;
  }

  private sink(row: HeldRow): void {
    let at = 0;
    for (let child = 1; child < this.rows.length; child = 2 * at + 1) {
      if (this.sendAt(child + 1) < this.sendAt(child)) child++;
      if (this.sendAt(child) >= sendAt(row)) break;
      this.move(child, at);
      at = child;
    }
    this.rows[at] = row;
  }

  private sendAt(at: number): number {
    const row = this.rows[at];
    return row === undefined ? Infinity : sendAt(row);
  }

  private move(from: number, to: number): void {
    const row = this.rows[from];
    if (row !== undefined) this.rows[to] = row;
  }
}
