import { type DataSource, type QueryRunner } from 'typeorm';
import {
  carryOut,
  type TransactionArgument,
  type TransactionName,
  type TransactionResult,
} from '../transactions/index.js';
import { Pen } from './pen.js';
import { type SqlValue } from './sql.js';

/** Writes on the calling thread, which waits meanwhile: for tests and tools. */
export class InlinePen extends Pen {
  readonly depth = 1;
  private readonly runner: QueryRunner;

  constructor(private readonly source: DataSource) {
    super();
    this.runner = source.createQueryRunner();
  }

  async all<T>(text: string, values: readonly SqlValue[] = []): Promise<T[]> {
    return (await this.runner.query(text, [...values])) as T[];
  }

  async run(text: string, values: readonly SqlValue[] = []): Promise<number> {
    return (await this.runner.query(text, [...values], true)).affected ?? 0;
  }

  call<N extends TransactionName>(name: N, argument: TransactionArgument<N>): Promise<TransactionResult<N>> {
    return carryOut(this, name, argument);
  }

  async close(): Promise<void> {
    await this.source.destroy();
  }
}
