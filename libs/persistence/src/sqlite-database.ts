import { type Capabilities, Database, type PoolFigures } from './database.js';
import { type Checkpoints } from './sql/checkpoints.js';
import { type Pen, type Reader } from './sql/pen.js';
import { type Sql, type SqlValue } from './sql/sql.js';
import { SQLITE_DIALECT } from './sql/sqlite-dialect.js';
import { type WritePriority, WriteQueue } from './sql/write-queue.js';
import {
  inTransaction,
  type TransactionArgument,
  type TransactionName,
  type TransactionResult,
} from './transactions/index.js';

/**
 * One data file. Writes are transactions that queue for SQLite's single pen; reads have two connections: one for
 * the routines, one for lists that callers ask for.
 */
export class SqliteDatabase extends Database {
  readonly dialect = SQLITE_DIALECT;
  readonly capabilities: Capabilities = { server: 'SQLite', skipLocked: false };
  private readonly queue: WriteQueue;

  constructor(
    private readonly pen: Pen,
    private readonly reader: Reader,
    private readonly browser: Reader,
    private readonly checkpoints?: Checkpoints,
  ) {
    super();
    this.queue = new WriteQueue(pen.depth);
  }

  async read<T>(text: string, values: readonly SqlValue[] = []): Promise<T[]> {
    return this.reader.all<T>(text, values);
  }

  async browse<T>(text: string, values: readonly SqlValue[] = []): Promise<T[]> {
    return this.browser.all<T>(text, values);
  }

  write<T>(priority: WritePriority, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.queue.run(priority, () => inTransaction(this.pen, () => work(this.pen)));
  }

  /** As one order to the pen. */
  call<N extends TransactionName>(
    priority: WritePriority,
    name: N,
    argument: TransactionArgument<N>,
  ): Promise<TransactionResult<N>> {
    return this.queue.order(priority, () => this.pen.call(name, argument));
  }

  /** One process uses the file, so its own clock is everybody's. */
  async clock(): Promise<number> {
    return Date.now();
  }

  get pools(): PoolFigures[] {
    return [{ pool: 'pen', ...this.queue.figures }];
  }

  async close(): Promise<void> {
    this.checkpoints?.stop();
    await this.queue.run('claim', () => this.pen.close());
    for (const reader of new Set([this.reader, this.browser])) await reader.close();
  }
}
