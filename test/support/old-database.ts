import { readFileSync } from 'node:fs';
import { type Endpoints } from '@ecron/testing';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { EVERY_SECOND } from './jobs.js';
import { repositoryFile } from './process.js';
import { TestDatabase } from './test-database.js';

const FILES = ['legacy-tables.sql', 'legacy-rows.sql'];

/** What `ecron_meta` says of one old table. */
export interface AdoptionMeta {
  adopted: number;
  refused: number;
  refusals: { key_id: number; reason: string }[];
}

/** A database of its own as the old service left it: the fixture of `libs/persistence`, and what a test adds. */
export class OldDatabase {
  private constructor(
    private readonly database: TestDatabase,
    private readonly connection: Connection,
  ) {}

  static async create(server: Endpoints['mariadb']): Promise<OldDatabase> {
    const database = await TestDatabase.create(server);
    const { host, port, user, password } = server;
    const connection = await createConnection({
      ...{ host, port, user, password },
      database: database.name,
      charset: 'UTF8MB4_BIN',
      multipleStatements: true,
    });
    const old = new OldDatabase(database, connection);
    for (const file of FILES) await old.execute(textOf(file));
    return old;
  }

  /** The configuration that makes a service use it. */
  get env(): Record<string, string> {
    return this.database.env;
  }

  async execute(...statements: string[]): Promise<void> {
    for (const text of statements) await this.connection.query(text);
  }

  async rows<T = Record<string, unknown>>(text: string): Promise<T[]> {
    const [rows] = await this.connection.query<RowDataPacket[]>(text);
    return rows.map((row) => ({ ...row }) as T);
  }

  /** Of the old tables; another row, or another value in one, is another checksum. */
  checksum(): Promise<object[]> {
    return this.rows('CHECKSUM TABLE t_cron_job, t_cron_job_status');
  }

  /**
   * Makes the jobs call `targetUrl` and what was left executing as old as the fixture means it, and adds a job of
   * every second, `second`.
   */
  async bringToToday(targetUrl: string): Promise<void> {
    const nowS = Math.floor(Date.now() / 1000);
    const ages = { fresh: 1200, overdue: 3 * 3600, stale: 3 * 86_400, child: 100, orphan: 100 };
    const context = `{"mode":"http","exec":"${targetUrl}/ok/second","info":{"method":"POST"}}`;
    await this.execute(
      `UPDATE t_cron_job SET f_job_context = REPLACE(f_job_context, 'http://target.test', '${targetUrl}/ok')`,
      ...Object.entries(ages).map(
        ([id, ageS]) =>
          `UPDATE t_cron_job_status SET f_begin_time = ${nowS - ageS} WHERE f_execute_id = '${id}'`,
      ),
      `INSERT INTO t_cron_job VALUES (901, 'second', 'each second', '${EVERY_SECOND}', 2, '${context}', 'tenant-a', 1,
         '', 1700000000, 1700000000)`,
    );
  }

  async count(table: string): Promise<number> {
    const [row] = await this.rows<{ count: number }>(`SELECT COUNT(*) AS count FROM ${table}`);
    return row?.count ?? 0;
  }

  async adoptionOf(table: string): Promise<AdoptionMeta> {
    const [row] = await this.rows<{ value: string }>(
      `SELECT value FROM ecron_meta WHERE name = 'adoption/${table}'`,
    );
    return JSON.parse(row?.value ?? '{}') as AdoptionMeta;
  }

  /** What adopting once more could add to, change or take away; not what runs go on to change. */
  async adoptedRows(): Promise<object> {
    return {
      jobs: await this.rows(
        `SELECT job_id, tenant_id, name, type, schedule, time_zone, policy, context, enabled, remarks, version,
           created_at, updated_at FROM ecron_job ORDER BY job_id`,
      ),
      versions: await this.rows('SELECT * FROM ecron_job_version ORDER BY job_id, version'),
      runs: await this.rows(
        `SELECT * FROM ecron_execution WHERE trigger_kind = 'external' ORDER BY execute_id`,
      ),
      said: await this.rows(
        `SELECT * FROM ecron_meta WHERE name LIKE 'adoption%' OR name = 'http_completion' ORDER BY name`,
      ),
    };
  }

  async drop(): Promise<void> {
    await this.connection.end();
    await this.database.drop();
  }
}

const textOf = (file: string): string =>
  readFileSync(repositoryFile(`libs/persistence/test/${file}`), 'utf8');
