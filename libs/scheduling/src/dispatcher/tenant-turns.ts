import { type HeldRow } from '../ports/claim.store.js';

interface Line {
  rows: HeldRow[];
  /** Of these so many have gone. */
  gone: number;
}

/** Due rows that wait to be sent: tenants take turns, each with its rows as they came. */
export class TenantTurns {
  /** In the order of their turns. */
  private readonly lines = new Map<string, Line>();
  private waiting = 0;

  get size(): number {
    return this.waiting;
  }

  push(row: HeldRow): void {
    const line = this.lines.get(row.tenantId);
    if (line === undefined) this.lines.set(row.tenantId, { rows: [row], gone: 0 });
    else line.rows.push(row);
    this.waiting++;
  }

  next(): HeldRow | undefined {
    const [first] = this.lines;
    if (first === undefined) return undefined;
    const [tenantId, line] = first;
    const row = line.rows[line.gone++];
    this.waiting--;
    const isEmpty = line.gone === line.rows.length;
    if (isEmpty || this.lines.size > 1) this.lines.delete(tenantId);
    if (!isEmpty) this.lines.set(tenantId, line);
    return row;
  }
}
