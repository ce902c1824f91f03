import { type DataSource } from 'typeorm';
import { type Pen } from './sql/pen.js';
import { type Sql, type SqlValue } from './sql/sql.js';
import { type WritePriority, WriteQueue } from './sql/write-queue.js';

/**
 * The one way to the database. Writes are transactions that queue for SQLite's single pen; reads see only what
 * is committed, on a connection of their own.
 */
export class Database {
  private readonly queue = new WriteQueue();

  constructor(
    private readonly pen: Pen,
    private readonly reader: DataSource,
  ) {}

  async read<T>(text: string, values: readonly SqlValue[] = []): Promise<T[]> {
    return this.reader.query<T[]>(text, [...values]);
  }

  /** One transaction: all of `work` or nothing; resolves when it is durable. Never call it inside `work`. */
  write<T>(priority: WritePriority, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.queue.run(priority, () => this.transact(work));
  }

  /** After what was asked for before. */
  async close(): Promise<void> {
    await this.queue.run('claim', () => this.pen.close());
    await this.reader.destroy();
  }

  private async transact<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    await this.pen.run('BEGIN IMMEDIATE', []);
    try {
      const result = await work(this.sql);
      await this.pen.run('COMMIT', []);
      return result;
    } catch (error) {
      await this.pen.run('ROLLBACK', []).catch(() => undefined);
      throw error;
    }
  }

  private readonly sql: Sql = {
    all: async <T>(text: string, values: readonly SqlValue[] = []) => (await this.pen.run(text, values)).rows as T[],
    run: async (text, values = []) => (await this.pen.run(text, values)).changes,
  };
}
