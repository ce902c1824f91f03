import { type Connection, type RowDataPacket } from 'mysql2/promise';
import { type Capabilities } from '../database.js';

const SYNTAX_ERROR = 1064;

export interface ServerVersion {
  product: 'MariaDB' | 'MySQL';
  version: string;
}

export async function findVersion(connection: Connection): Promise<ServerVersion> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
  const version = String(row?.['version']);
  return { product: /mariadb/i.test(version) ? 'MariaDB' : 'MySQL', version };
}

/** Asks the server what it can do, once its tables are there. */
export async function detectCapabilities(
  connection: Connection,
  { product, version }: ServerVersion,
): Promise<Capabilities> {
  return { server: `${product} ${version}`, skipLocked: await knowsSkipLocked(connection) };
}

/** Tried, not told from the version: servers that only speak the protocol have numbers of their own. */
async function knowsSkipLocked(connection: Connection): Promise<boolean> {
  try {
    await connection.query('SELECT name FROM ecron_meta LIMIT 1 FOR UPDATE SKIP LOCKED');
    return true;
  } catch (error) {
    if ((error as { errno?: unknown }).errno === SYNTAX_ERROR) return false;
    throw error;
  }
}
