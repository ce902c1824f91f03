import { type Socket } from 'node:net';
import mysql, { type Connection, type ConnectionOptions } from 'mysql2/promise';
import { withDeadline } from './deadline.js';
import { type CompleteSettings, sslOptions } from './mysql-settings.js';

/** Longer than any waiting for a lock is worth: it is answered by another try. */
const LOCK_WAIT_S = 5;

const ISOLATION = 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED';
const VARIABLES = [
  `sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'`,
  // UNIX_TIMESTAMP() of a repeated hour would be ambiguous in another zone.
  `time_zone = '+00:00'`,
  `innodb_lock_wait_timeout = ${LOCK_WAIT_S}`,
  `lock_wait_timeout = ${LOCK_WAIT_S}`,
];

/** Beyond a transaction's own deadline: then its client is gone without a word, and its locks must go too. */
const IDLE_MARGIN_S = 5;
const UNKNOWN_VARIABLE = 1193;
/** Where only idle connections as such can be ended; the pool makes new ones. */
const IDLE_CONNECTION_S = 60;

/** Makes a connection, in the state that every statement counts on. */
export async function connect(settings: CompleteSettings): Promise<Connection> {
  const connection = await mysql.createConnection(optionsOf(settings));
  // An idle connection that breaks says so to nobody else.
  connection.on('error', () => undefined);
  try {
    await withDeadline(settings.connectTimeoutMs, prepare(connection, settings));
    return connection;
  } catch (error) {
    cut(connection);
    throw error;
  }
}

async function prepare(connection: Connection, settings: CompleteSettings): Promise<void> {
  await connection.query(ISOLATION);
  await connection.query(`SET SESSION ${VARIABLES.join(', ')}`);
  await endAbandoned(connection, Math.ceil(settings.transactionTimeoutMs / 1000) + IDLE_MARGIN_S);
}

/** A host that vanishes in a transaction would keep its locks until the server's own keep-alive gives it up: hours. */
async function endAbandoned(connection: Connection, afterS: number): Promise<void> {
  try {
    await connection.query(`SET SESSION idle_transaction_timeout = ${afterS}`);
  } catch (error) {
    // MySQL has no such variable.
    if ((error as { errno?: number }).errno !== UNKNOWN_VARIABLE) throw error;
    await connection.query(`SET SESSION wait_timeout = ${Math.max(afterS, IDLE_CONNECTION_S)}`);
  }
}

/** Without a word to the server, which may not be there any more; it rolls back what is open when it notices. */
export function cut(connection: Connection): void {
  connection.destroy();
  // The client only ends its half, and would wait for the other.
  (connection as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
}

function optionsOf(settings: CompleteSettings): ConnectionOptions {
  const { host, port, user, password, database, connectTimeoutMs } = settings;
  return {
    ...{ host, port, user, password, database },
    ...sslOptions(settings),
    connectTimeout: connectTimeoutMs,
    charset: 'UTF8MB4_BIN',
    // "Affected" shall mean changed, not found.
    flags: ['-FOUND_ROWS'],
    decimalNumbers: true,
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
  };
}
