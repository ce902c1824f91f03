import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  adoptLegacy,
  type AdoptionOptions,
  type AdoptionReport,
  type Database,
  openMysql,
} from '@ecron/persistence';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';

/** When the old rows of the fixture are adopted. */
export const ADOPTED_AT = Date.parse('2026-11-24T09:00:30.250Z');
export const OLD_ZONE = 'Asia/Shanghai';

const OUR_TABLES: Record<string, string> = {
  ecron_job: 'job_id',
  ecron_job_version: 'job_id, version',
  ecron_job_active: 'job_id',
  ecron_execution: 'execute_id',
  ecron_meta: 'name',
};

interface Server {
  host: string;
  port: number;
  user: string;
  password: string;
}

/** A database as the old service left it, with our tables beside its own. */
export class LegacyDatabase {
  readonly lines: string[] = [];

  private constructor(
    private readonly name: string,
    private readonly connection: Connection,
    readonly database: Database,
    /** A second service's, on the same tables. */
    readonly other: Database,
  ) {}

  static async create(
    endpoint: Server,
    files: readonly string[] = ['legacy-tables.sql', 'legacy-rows.sql'],
  ): Promise<LegacyDatabase> {
    const { host, port, user, password } = endpoint;
    const name = `ecron_old_${randomUUID().slice(0, 8)}`;
    const connection = await mysql.createConnection({
      ...{ host, port, user, password },
      charset: 'UTF8MB4_BIN',
      multipleStatements: true,
    });
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4; USE ${name}`);
    for (const file of files) await connection.query(textOf(file));
    const settings = { host, port, user, password, database: name };
    const database = await openMysql(settings);
    return new LegacyDatabase(name, connection, database, await openMysql(settings));
  }

  adopt(own: Partial<AdoptionOptions> = {}, database = this.database): Promise<AdoptionReport | null> {
    return adoptLegacy(database, {
      zone: OLD_ZONE,
      now: ADOPTED_AT,
      defaults: { maxAttempts: 3, completion: 'callback' },
      log: { info: (text) => this.lines.push(text), warn: (text) => this.lines.push(text) },
      ...own,
    });
  }

  async rows(text: string): Promise<Record<string, unknown>[]> {
    const [rows] = await this.connection.query<RowDataPacket[]>(text);
    return rows.map((row) => ({ ...row }));
  }

  async execute(...statements: string[]): Promise<void> {
    for (const text of statements) await this.connection.query(text);
  }

  /** All that is in our tables, to compare with another time. */
  async dump(): Promise<unknown> {
    const tables = Object.entries(OUR_TABLES).map(async ([table, key]) => [
      table,
      await this.rows(`SELECT * FROM ${table} ORDER BY ${key}`),
    ]);
    return Object.fromEntries(await Promise.all(tables)) as unknown;
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.other.close();
    await this.connection.query(`DROP DATABASE ${this.name}`);
    await this.connection.end();
  }
}

const textOf = (file: string): string => readFileSync(join('libs', 'persistence', 'test', file), 'utf8');
