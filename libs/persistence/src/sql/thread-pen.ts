import { Worker } from 'node:worker_threads';
import {
  type TransactionArgument,
  type TransactionName,
  type TransactionResult,
} from '../transactions/index.js';
import { Pen } from './pen.js';
import { type PenAnswer, type PenOrder } from './pen-protocol.js';
import { type SqlValue } from './sql.js';

type Order = PenOrder extends infer O ? (O extends { id: number } ? Omit<O, 'id'> : never) : never;
type Done = Exclude<PenAnswer, { error: string }>;

interface Waiting {
  resolve: (answer: Done) => void;
  reject: (error: Error) => void;
}

/**
 * Writes on a thread of its own, so that neither a statement nor a commit's wait for the disk keeps timers and
 * sockets waiting. A thread that dies fails everything that waits for it, and all that comes after.
 */
export class ThreadPen extends Pen {
  /** One that it works on, one that stands in line. */
  readonly depth = 2;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private orders = 0;
  private dead: Error | null = null;

  constructor(program: URL, file: string, pragmas: readonly string[]) {
    super();
    this.worker = new Worker(program, { workerData: { file, pragmas } });
    this.worker.on('message', (answer: PenAnswer) => this.take(answer));
    this.worker.on('error', (error: Error) => this.die(error));
    this.worker.on('exit', () => this.die(new Error('the database thread has ended')));
  }

  async all<T>(text: string, values: readonly SqlValue[] = []): Promise<T[]> {
    const done = await this.order({ text, values });
    return 'rows' in done ? (toObjects(done.columns, done.rows) as T[]) : [];
  }

  async run(text: string, values: readonly SqlValue[] = []): Promise<number> {
    const done = await this.order({ text, values });
    return 'changes' in done ? done.changes : 0;
  }

  async call<N extends TransactionName>(
    name: N,
    argument: TransactionArgument<N>,
  ): Promise<TransactionResult<N>> {
    const done = await this.order({ call: name, argument: JSON.stringify(argument) });
    return JSON.parse('result' in done ? done.result : 'null') as TransactionResult<N>;
  }

  async close(): Promise<void> {
    if (this.dead !== null) return;
    await new Promise<void>((resolve) => {
      this.worker.once('exit', () => resolve());
      this.worker.postMessage(null);
    });
  }

  private order(order: Order): Promise<Done> {
    if (this.dead !== null) return Promise.reject(this.dead);
    const id = ++this.orders;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, ...order });
    });
  }

  private take(answer: PenAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(Object.assign(new Error(answer.error), { code: answer.code }));
    else waiting?.resolve(answer);
  }

  private die(error: Error): void {
    this.dead ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

function toObjects(columns: readonly string[], rows: readonly unknown[][]): unknown[] {
  return rows.map((values) => {
    const row: Record<string, unknown> = {};
    for (let at = 0; at < columns.length; at++) row[columns[at] ?? ''] = values[at];
    return row;
  });
}
