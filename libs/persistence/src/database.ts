import { DataSource, type QueryRunner } from 'typeorm';
import { type Sql, type SqlValue } from './sql/sql.js';
import { type WritePriority, WriteQueue } from './sql/write-queue.js';

/**
 * The one way to the database. Writes go through a queue on a single connection (SQLite has one pen, and TypeORM
 * one query runner for it); reads see only what is committed, on a connection of their own.
 */
export class Database {
  private readonly queue = new WriteQueue();
  private readonly pen: QueryRunner;

  constructor(
    readonly writer: DataSource,
    private readonly reader: DataSource,
  ) {
    this.pen = writer.createQueryRunner();
  }

  async read<T>(text: string, values: readonly SqlValue[] = []): Promise<T[]> {
    return this.reader.query<T[]>(text, [...values]);
  }

  /** One transaction: all of `work` or nothing; resolves when it is durable. Never call it inside `work`. */
  write<T>(priority: WritePriority, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.queue.run(priority, () => this.transact(work));
  }

  async close(): Promise<void> {
    await this.queue.run('claim', async () => undefined);
    await this.reader.destroy();
    await this.writer.destroy();
  }

  private async transact<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    await this.pen.query('BEGIN IMMEDIATE');
    try {
      const result = await work(this.sql);
      await this.pen.query('COMMIT');
      return result;
    } catch (error) {
      await this.pen.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  private readonly sql: Sql = {
    all: async <T>(text: string, values: readonly SqlValue[] = []) =>
      (await this.pen.query(text, values as SqlValue[])) as T[],
    run: async (text, values = []) => (await this.pen.query(text, values as SqlValue[], true)).affected ?? 0,
  };
}
