import { type Checkpoints } from './sql/checkpoints.js';
import { type Pen, type Reader } from './sql/pen.js';
import { type Sql, type SqlValue } from './sql/sql.js';
import { type WritePriority, WriteQueue } from './sql/write-queue.js';
import {
  inTransaction,
  type TransactionArgument,
  type TransactionName,
  type TransactionResult,
} from './transactions/index.js';

/**
 * The one way to the database. Writes are transactions that queue for SQLite's single pen; reads see only what
 * is committed, on a connection of their own.
 */
export class Database {
  private readonly queue: WriteQueue;

  constructor(
    private readonly pen: Pen,
    private readonly reader: Reader,
    private readonly checkpoints?: Checkpoints,
  ) {
    this.queue = new WriteQueue(pen.depth);
  }

  async read<T>(text: string, values: readonly SqlValue[] = []): Promise<T[]> {
    return this.reader.all<T>(text, values);
  }

  /** One transaction: all of `work` or nothing; resolves when it is durable. Never call it inside `work`. */
  write<T>(priority: WritePriority, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.queue.run(priority, () => inTransaction(this.pen, () => work(this.pen)));
  }

  /** One of the hot transactions, as one order to the pen. */
  call<N extends TransactionName>(
    priority: WritePriority,
    name: N,
    argument: TransactionArgument<N>,
  ): Promise<TransactionResult<N>> {
    return this.queue.order(priority, () => this.pen.call(name, argument));
  }

  /** After what was asked for before. */
  async close(): Promise<void> {
    this.checkpoints?.stop();
    await this.queue.run('claim', () => this.pen.close());
    await this.reader.close();
  }
}
