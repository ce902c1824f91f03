import { type DataSource, type QueryRunner } from 'typeorm';
import { Pen, type StatementResult } from './pen.js';
import { type SqlValue } from './sql.js';

/** Writes on the calling thread, which waits meanwhile: for tests and tools. */
export class InlinePen extends Pen {
  private readonly runner: QueryRunner;

  constructor(private readonly source: DataSource) {
    super();
    this.runner = source.createQueryRunner();
  }

  async run(text: string, values: readonly SqlValue[]): Promise<StatementResult> {
    const { records, affected } = await this.runner.query(text, [...values], true);
    return { rows: records, changes: affected ?? 0 };
  }

  async close(): Promise<void> {
    await this.source.destroy();
  }
}
