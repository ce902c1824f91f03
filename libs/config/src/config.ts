import { type Key } from './key.js';
import { type KEYS, type KeyName } from './keys.js';

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S;
type ValueOf<K extends KeyName> =
  (typeof KEYS)[K] extends Key<infer T, infer F> ? T | (null extends F ? null : never) : never;

/**
 * The configuration in force: every key of `KEYS` in camelCase (`job_failures` is `jobFailures`), complete and
 * frozen. Null is left only where the process decides (see `listenAddress`, `isAuthEnabled`).
 */
export type Config = Readonly<
  Omit<{ [K in KeyName as Camel<K>]: ValueOf<K> }, 'timeZone' | 'dbType'> & {
    timeZone: string;
    dbType: 'sqlite' | 'mysql';
    /** What was set and has no effect, a line for each reason; for the log, at each start. */
    notices: readonly string[];
  }
>;

/** The three programs. */
export type ProcessRole = 'standalone' | 'management' | 'analysis';

/** The DI token under which a process provides its `Config`. */
export const CONFIG = Symbol('CONFIG');

/** Where the process listens. Standalone is reachable from other machines only when `cron_addr` says so. */
export function listenAddress(config: Config, role: ProcessRole): string {
  return config.cronAddr ?? (role === 'standalone' ? '127.0.0.1' : '0.0.0.0');
}

/** Whether callers need a token: on unless `auth_enabled` says otherwise, except in the standalone process. */
export function isAuthEnabled(config: Config, role: ProcessRole): boolean {
  return config.authEnabled ?? role !== 'standalone';
}

const KAFKA_PORT = 9092;

/** The Kafka brokers that are named, `host:port` each. */
export function kafkaBrokers({ mqHost, mqPort }: Pick<Config, 'mqHost' | 'mqPort'>): string[] {
  const named = (mqHost ?? '').split(',').map((one) => one.trim());
  return named.map((one) => (/:\d+$/.test(one) ? one : `${one}:${mqPort ?? KAFKA_PORT}`));
}

/** Base URL of the token server's admin API, without a trailing slash. */
export function tokenServerUrl(config: Config): string {
  return baseUrl(config.oauthAdminProtocol, config.oauthAdminAddr, config.oauthAdminPort);
}

/** Base URL of the token server's public API, without a trailing slash. */
export function publicTokenServerUrl(config: Config): string {
  return baseUrl(config.oauthPublicProtocol, config.oauthPublicAddr, config.oauthPublicPort);
}

function baseUrl(protocol: string, address: string, port: number): string {
  return `${protocol}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
