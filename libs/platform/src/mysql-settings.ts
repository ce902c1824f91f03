import { type Config } from '@ecron/config';
import { type MysqlSettings } from '@ecron/persistence';
import { databaseTls } from './client-tls.js';

/** One for each purpose; see `MysqlSettings`. */
const FEWEST_CONNECTIONS = 9;

/** The database server that the configuration names. @throws OperatorError where its files cannot be used */
export function mysqlSettings(config: Config): MysqlSettings {
  const tls = databaseTls(config);
  return {
    ...(tls && { tls }),
    host: config.dbAddr ?? '',
    port: config.dbPort,
    user: config.userName ?? '',
    password: config.userPwd ?? '',
    database: config.systemId + config.dbName,
    maxConnections: Math.max(FEWEST_CONNECTIONS, config.maxOpenConns),
    connectTimeoutMs: config.timeout * 1000,
    transactionTimeoutMs: config.writeTimeout * 1000,
    browseTimeoutMs: config.readTimeout * 1000,
  };
}
