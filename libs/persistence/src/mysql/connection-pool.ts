import { type Connection } from 'mysql2/promise';
import { withDeadline } from './deadline.js';
import { isConnectionLost } from './mysql-errors.js';
import { type CompleteSettings } from './mysql-settings.js';
import { Permits } from './permits.js';
import { connect, cut } from './session.js';

/** Connections for one purpose: made when they are needed, and made anew after they broke. */
export class ConnectionPool {
  private readonly permits: Permits;
  private readonly idle: Connection[] = [];
  private isClosed = false;

  constructor(
    private readonly settings: CompleteSettings,
    private readonly size: number,
  ) {
    this.permits = new Permits(size);
  }

  /**
   * Lends a connection; `work` leaves no transaction open on it. Half of `ms` may go by until one is free, so that what
   * gets one has time left to use it.
   * @throws WriteQueueFullError when too many wait already; NoneFreeError when no connection gets free within half of
   *   `ms`; NoAnswerError when waiting and `work` together take longer than `ms`: its connection is cut then. An error of the
   *   connection's is thrown as it is.
   */
  async use<T>(ms: number, work: (connection: Connection) => Promise<T>): Promise<T> {
    const until = performance.now() + ms;
    await this.permits.take(ms / 2);
    try {
      if (this.isClosed) throw new Error('the database has been closed');
      const connection = this.idle.pop() ?? (await this.open());
      return await this.lend(connection, Math.max(0, until - performance.now()), work);
    } finally {
      this.permits.give();
    }
  }

  get figures(): { size: number; busy: number; waiting: number } {
    const { free, waiting } = this.permits.figures;
    return { size: this.size, busy: this.size - free, waiting };
  }

  /** After what was asked for before. */
  async close(): Promise<void> {
    for (let n = 0; n < this.size; n++) await this.permits.take(2 ** 31 - 1);
    this.isClosed = true;
    for (let n = 0; n < this.size; n++) this.permits.give();
    await Promise.all(this.idle.splice(0).map((connection) => connection.end().catch(() => cut(connection))));
  }

  private async open(): Promise<Connection> {
    const connection = await connect(this.settings);
    connection.on('error', () => this.forget(connection));
    return connection;
  }

  private forget(connection: Connection): void {
    const at = this.idle.indexOf(connection);
    if (at >= 0) this.idle.splice(at, 1);
  }

  private async lend<T>(
    connection: Connection,
    ms: number,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    try {
      const result = await withDeadline(ms, work(connection));
      this.idle.push(connection);
      return result;
    } catch (error) {
      if (isConnectionLost(error)) this.drop(connection);
      else this.idle.push(connection);
      throw error;
    }
  }

  /** What lies idle has most likely met the same fate. */
  private drop(connection: Connection): void {
    for (const lost of [connection, ...this.idle.splice(0)]) cut(lost);
  }
}
