import { type SslOptions } from 'mysql2/promise';
import { WRITE_PRIORITIES } from '../sql/write-queue.js';

/** How to reach a MySQL or MariaDB server, and how long to wait for it. */
export interface MysqlSettings {
  host: string;
  port: number;
  user: string;
  password: string;
  /** It must exist. */
  database: string;
  /** TLS, where it is to be spoken; the server's certificate is verified against `host`, a name. Default none. */
  tls?: MysqlTls;
  /** Of this process, over all purposes; at least one each, so 9 is the least. Default 16. */
  maxConnections?: number;
  /** Default 5 000. */
  connectTimeoutMs?: number;
  /**
   * A transaction that takes longer is given up and its connection with it, so that a connection whose other end is
   * gone holds up nothing for longer. Default 10 000.
   */
  transactionTimeoutMs?: number;
  /** For what callers of the API list. Default 30 000. */
  browseTimeoutMs?: number;
  /** `never`: as on a server that does not know SKIP LOCKED. Default `detect`. */
  skipLocked?: 'detect' | 'never';
}

/** All in PEM. */
export interface MysqlTls {
  /** Certificates that vouch for the server; left out: those that Node trusts. */
  ca?: string;
  /** What the service proves itself with; both or none. */
  cert?: string;
  key?: string;
}

export type CompleteSettings = Required<Omit<MysqlSettings, 'tls'>> & Pick<MysqlSettings, 'tls'>;

const DEFAULTS = {
  maxConnections: 16,
  connectTimeoutMs: 5_000,
  transactionTimeoutMs: 10_000,
  browseTimeoutMs: 30_000,
  skipLocked: 'detect' as const,
};

export const complete = (settings: MysqlSettings): CompleteSettings => ({ ...DEFAULTS, ...settings });

/** What connections are for; each purpose has its own, so that none waits behind another. */
export const PURPOSES = [...WRITE_PRIORITIES, 'read', 'browse', 'clock'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** What a purpose gets of the connections that are left once each has one. */
const SHARES: Record<Purpose, number> = {
  beat: 0,
  start: 1,
  record: 1,
  routine: 1,
  claim: 0,
  edit: 2,
  read: 1,
  browse: 2,
  clock: 0,
};

/** How many connections a purpose may have. */
export function connectionsOf(purpose: Purpose, maxConnections: number): number {
  const all = PURPOSES.reduce((sum, p) => sum + SHARES[p], 0);
  const left = Math.max(0, maxConnections - PURPOSES.length);
  return 1 + Math.floor((left * SHARES[purpose]) / all);
}

/** What the client library is told of TLS: it verifies no name by itself. */
export function sslOptions({ tls }: Pick<MysqlSettings, 'tls'>): { ssl?: SslOptions } {
  return tls === undefined ? {} : { ssl: { ...tls, rejectUnauthorized: true, verifyIdentity: true } };
}
