import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, type MysqlSettings, openMysql } from '@ecron/persistence';
import mysql, { type Connection } from 'mysql2/promise';
import { sqlStores } from './sql-stores.js';
import { type OpenStores } from './stores-under-test.js';

const OUR_TABLES = `SELECT table_name AS name FROM information_schema.tables
  WHERE table_schema = DATABASE() AND table_name <> 'ecron_migration'`;

/** Where a server listens; the user may make databases. */
export type MysqlServer = Pick<MysqlSettings, 'host' | 'port' | 'user' | 'password'>;
export type MysqlOptions = Partial<MysqlSettings>;

/** A database on a real server that nobody else uses, gone after the suite. */
export class MysqlTestDatabase {
  readonly name = `ecron_test_${randomUUID().slice(0, 8)}`;
  private readonly opened: Database[] = [];

  private constructor(
    private readonly server: MysqlServer,
    private readonly connection: Connection,
  ) {}

  static async create(server: MysqlServer): Promise<MysqlTestDatabase> {
    const { host, port, user, password } = server;
    const connection = await mysql.createConnection({ host, port, user, password });
    const made = new MysqlTestDatabase(server, connection);
    await connection.query(`CREATE DATABASE ${made.name}`);
    await connection.query(`USE ${made.name}`);
    return made;
  }

  get settings(): MysqlSettings {
    const { host, port, user, password } = this.server;
    return { host, port, user, password, database: this.name };
  }

  /** As one process opens it; closed with this. */
  async open(options: MysqlOptions = {}): Promise<Database> {
    const database = await openMysql({ ...this.settings, ...options });
    this.opened.push(database);
    return database;
  }

  /** One statement on a connection of its own, for what no store does. */
  async query(text: string): Promise<Record<string, unknown>[]> {
    const [rows] = await this.connection.query(text);
    return rows as Record<string, unknown>[];
  }

  /** Until a transaction of ours waits for a lock. */
  async untilOneWaits(): Promise<void> {
    const waiting = `SELECT 1 FROM information_schema.innodb_trx t JOIN information_schema.processlist p
      ON p.id = t.trx_mysql_thread_id WHERE p.db = '${this.name}' AND t.trx_state = 'LOCK WAIT'`;
    // The server looks anew only where nobody has asked for 100 ms.
    while ((await this.query(waiting)).length === 0) await delay(120);
  }

  async empty(): Promise<void> {
    for (const { name } of await this.query(OUR_TABLES)) await this.query(`DELETE FROM ${String(name)}`);
  }

  async drop(): Promise<void> {
    for (const database of this.opened) await database.close();
    await this.connection.query(`DROP DATABASE ${this.name}`);
    await this.connection.end();
  }
}

/** Every store over one database on a real server, emptied each time. Called where `afterAll` may be. */
export function mysqlStores(server: MysqlServer, options: MysqlOptions = {}): OpenStores {
  let made: Promise<[MysqlTestDatabase, Database]> | undefined;
  const make = async (): Promise<[MysqlTestDatabase, Database]> => {
    const test = await MysqlTestDatabase.create(server);
    return [test, await test.open(options)];
  };
  afterAll(async () => (await made)?.[0].drop());
  return async (clock, defaults) => {
    const [test, database] = await (made ??= make());
    await test.empty();
    return sqlStores(database, clock, defaults);
  };
}
