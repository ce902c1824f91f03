import { type Config } from '@ecron/config';
import { type MysqlSettings } from '@ecron/persistence';

/** One for each purpose; see `MysqlSettings`. */
const FEWEST_CONNECTIONS = 7;

/** The database server that the configuration names. */
export function mysqlSettings(config: Config): MysqlSettings {
  return {
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
