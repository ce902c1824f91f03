import { randomBytes } from 'node:crypto';
import { type Endpoints } from '@ecron/testing';
import { createConnection } from 'mysql2/promise';

/** A database of its own on the server of `scripts/services.sh`. */
export class TestDatabase {
  private constructor(
    private readonly server: Endpoints['mariadb'],
    readonly name: string,
  ) {}

  static async create(server: Endpoints['mariadb']): Promise<TestDatabase> {
    const database = new TestDatabase(server, `ecron_test_${randomBytes(6).toString('hex')}`);
    await database.run(`CREATE DATABASE ${database.name}`);
    return database;
  }

  /** The configuration that makes a service use it. */
  get env(): Record<string, string> {
    return {
      ECRON_DB_ADDR: this.server.host,
      ECRON_DB_PORT: String(this.server.port),
      ECRON_DB_NAME: this.name,
      ECRON_USER_NAME: this.server.user,
      ECRON_USER_PWD: this.server.password,
    };
  }

  /** All that is in it, as text. */
  async dump(): Promise<string> {
    const tables = await this.run(`SHOW TABLES FROM ${this.name}`);
    const names = (tables as Record<string, string>[]).flatMap((row) => Object.values(row));
    const rows = await Promise.all(names.map((name) => this.run(`SELECT * FROM ${this.name}.${name}`)));
    return JSON.stringify(Object.fromEntries(names.map((name, n) => [name, rows[n]])));
  }

  async drop(): Promise<void> {
    await this.run(`DROP DATABASE ${this.name}`);
  }

  private async run(statement: string): Promise<unknown> {
    const { host, port, user, password } = this.server;
    const connection = await createConnection({ host, port, user, password });
    try {
      const [rows] = await connection.query(statement);
      return rows;
    } finally {
      await connection.end();
    }
  }
}
