import { Worker } from 'node:worker_threads';
import { Pen, type StatementResult } from './pen.js';
import { type PenAnswer, type PenOrder } from './pen-protocol.js';
import { type SqlValue } from './sql.js';

interface Waiting {
  resolve: (result: StatementResult) => void;
  reject: (error: Error) => void;
}

/**
 * Writes on a thread of its own, so that neither a statement nor a commit's wait for the disk keeps timers and
 * sockets waiting. A thread that dies fails everything that waits for it, and all that comes after.
 */
export class ThreadPen extends Pen {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private orders = 0;
  private dead: Error | null = null;

  constructor(program: URL, file: string, pragmas: readonly string[]) {
    super();
    this.worker = new Worker(program, { workerData: { file, pragmas } });
    this.worker.on('message', (answer: PenAnswer) => this.take(answer));
    this.worker.on('error', (error) => this.die(error));
    this.worker.on('exit', () => this.die(new Error('the database thread has ended')));
  }

  run(text: string, values: readonly SqlValue[]): Promise<StatementResult> {
    if (this.dead !== null) return Promise.reject(this.dead);
    const order: PenOrder = { id: ++this.orders, text, values };
    return new Promise((resolve, reject) => {
      this.waiting.set(order.id, { resolve, reject });
      this.worker.postMessage(order);
    });
  }

  async close(): Promise<void> {
    if (this.dead !== null) return;
    await new Promise<void>((resolve) => {
      this.worker.once('exit', () => resolve());
      this.worker.postMessage(null);
    });
  }

  private take(answer: PenAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(Object.assign(new Error(answer.error), { code: answer.code }));
    else waiting?.resolve({ rows: toObjects(answer.columns, answer.rows), changes: answer.changes });
  }

  private die(error: Error): void {
    this.dead ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

/** Rows cross threads as arrays: their names once, not once a row. */
function toObjects(columns: readonly string[], rows: readonly unknown[][]): unknown[] {
  return rows.map((values) => {
    const row: Record<string, unknown> = {};
    for (let at = 0; at < columns.length; at++) row[columns[at] ?? ''] = values[at];
    return row;
  });
}
