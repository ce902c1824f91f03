import { type Connection } from 'mysql2/promise';
import { type Capabilities, Database, type PoolFigures } from '../database.js';
import { type Dialect } from '../sql/dialect.js';
import { type Sql, type SqlValue } from '../sql/sql.js';
import { type WritePriority } from '../sql/write-queue.js';
import {
  perform,
  type TransactionArgument,
  type TransactionName,
  type TransactionResult,
} from '../transactions/index.js';
import { ConnectionPool } from './connection-pool.js';
import { isConnectionLost, OutcomeUnknownError } from './mysql-errors.js';
import { type CompleteSettings, connectionsOf, type Purpose, PURPOSES } from './mysql-settings.js';
import { MysqlSql } from './mysql-sql.js';
import { type Progress, retryContention } from './retry.js';

const CLOCK = 'SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED) AS now';

/**
 * A MySQL or MariaDB server that many processes use. Transactions are READ COMMITTED and right beside each other by
 * the locks they take; one that meets another's is carried out anew. While the server is away everything rejects at
 * once, and goes through again when it is back.
 */
export class MysqlDatabase extends Database {
  private readonly pooled: ReadonlyMap<Purpose, ConnectionPool>;

  constructor(
    private readonly settings: CompleteSettings,
    readonly dialect: Dialect,
    readonly capabilities: Capabilities,
  ) {
    super();
    const pool = (purpose: Purpose) =>
      new ConnectionPool(settings, connectionsOf(purpose, settings.maxConnections));
    this.pooled = new Map(PURPOSES.map((purpose) => [purpose, pool(purpose)]));
  }

  read<T>(text: string, values: readonly SqlValue[] = []): Promise<T[]> {
    return this.select('read', this.settings.transactionTimeoutMs, text, values);
  }

  browse<T>(text: string, values: readonly SqlValue[] = []): Promise<T[]> {
    return this.select('browse', this.settings.browseTimeoutMs, text, values);
  }

  /** @throws NoAnswerError, OutcomeUnknownError, or what the server or the network reports */
  write<T>(priority: WritePriority, work: (sql: Sql) => Promise<T>): Promise<T> {
    return retryContention(this.settings.transactionTimeoutMs, (progress, leftMs) =>
      this.attempt(priority, progress, leftMs, work),
    );
  }

  call<N extends TransactionName>(
    priority: WritePriority,
    name: N,
    argument: TransactionArgument<N>,
  ): Promise<TransactionResult<N>> {
    return this.write(priority, (sql) => perform(sql, name, argument));
  }

  async clock(): Promise<number> {
    const [row] = await this.select<{ now: number }>('clock', this.settings.transactionTimeoutMs, CLOCK, []);
    return row?.now ?? Number.NaN;
  }

  get pools(): PoolFigures[] {
    return Array.from(this.pooled, ([pool, { figures }]) => ({ pool, ...figures }));
  }

  async close(): Promise<void> {
    await Promise.all([...this.pooled.values()].map((pool) => pool.close()));
  }

  private select<T>(purpose: Purpose, ms: number, text: string, values: readonly SqlValue[]): Promise<T[]> {
    return retryContention(ms, (_, leftMs) =>
      this.pool(purpose).use(leftMs, (connection) => this.sqlOn(connection).all<T>(text, values)),
    );
  }

  private async attempt<T>(
    priority: WritePriority,
    progress: Progress,
    leftMs: number,
    work: (sql: Sql) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.pool(priority).use(leftMs, (connection) =>
        transact(this.sqlOn(connection), progress, work),
      );
    } catch (error) {
      throw progress.phase === 'ending' && isConnectionLost(error) ? new OutcomeUnknownError(error) : error;
    }
  }

  private sqlOn(connection: Connection): MysqlSql {
    return new MysqlSql(connection, this.dialect);
  }

  private pool(purpose: Purpose): ConnectionPool {
    return this.pooled.get(purpose) as ConnectionPool;
  }
}

async function transact<T>(sql: Sql, progress: Progress, work: (sql: Sql) => Promise<T>): Promise<T> {
  await sql.run('START TRANSACTION');
  progress.phase = 'open';
  try {
    const result = await work(sql);
    progress.phase = 'ending';
    await sql.run('COMMIT');
    return result;
  } catch (error) {
    if (!isConnectionLost(error)) await sql.run('ROLLBACK');
    throw error;
  }
}
