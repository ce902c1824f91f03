import { readFileSync } from 'node:fs';
import { adoptLegacy, openMysql } from '@ecron/persistence';
import { endpointOf } from '@ecron/testing';
import mysql, { type Connection } from 'mysql2/promise';
import { numberSetting, say } from './bench.js';

const OLD_TABLES = 'libs/persistence/test/legacy-tables.sql';
const DATABASE = `adoption_bench_${process.pid}`;

/** Jobs of 400 schedules; of runs each job has ten. MariaDB's sequences make the rows where they are needed. */
const jobRows = (jobs: number): string => `INSERT INTO t_cron_job
  SELECT seq, CONCAT('job-', LPAD(seq, 32, '0')), CONCAT('job ', seq), CONCAT('0 ', seq MOD 60, ' ', seq MOD 20, ' * * ?'), 2,
    CONCAT('{"mode":"http","exec":"http://target.test/', seq, '","info":{"method":"POST","params":null,"headers":null,',
      '"body":{"n":', seq, '},"kubernetes":null},"notify":{"webhook":""},"begin_at":"","end_at":"","execute_id":""}'),
    CONCAT('tenant-', seq MOD 100), 1, '', 1700000000 + seq, 1700000000 + seq FROM seq_1_to_${jobs}`;

const runRows = (runs: number, jobs: number): string => `INSERT INTO t_cron_job_status
  SELECT seq, UUID(), CONCAT('job-', LPAD(seq MOD ${jobs} + 1, 32, '0')), 2, 'job', IF(seq MOD 10 = 0, 5, 1),
    1790000000 + seq, 1790000005 + seq, '[{"executor_id":"node-1","executed_at":"2026-11-23T17:00:00+08:00"}]', 1,
    CONCAT('{"is_deleted":0,"tenant_id":"tenant-', (seq MOD ${jobs} + 1) MOD 100, '"}') FROM seq_1_to_${runs}`;

/** How long an old database takes to adopt. `BENCH_JOBS` (100 000), `BENCH_RUNS` (1 000 000). Needs MariaDB. */
export async function run(): Promise<void> {
  const endpoint = endpointOf('mariadb');
  if (endpoint === null) throw new Error('needs mariadb: scripts/services.sh up mariadb');
  const { host, port, user, password } = endpoint;
  const connection = await mysql.createConnection({ host, port, user, password, multipleStatements: true });
  try {
    await connection.query(
      `DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE}; USE ${DATABASE}`,
    );
    await fill(connection);
    await adoptTimed({ host, port, user, password, database: DATABASE });
  } finally {
    await connection.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
    await connection.end();
  }
}

async function fill(connection: Connection): Promise<void> {
  const [jobs, runs] = [numberSetting('BENCH_JOBS', 100_000), numberSetting('BENCH_RUNS', 1_000_000)];
  await connection.query(readFileSync(OLD_TABLES, 'utf8'));
  await connection.query(jobRows(jobs));
  await connection.query(runRows(runs, jobs));
  say(`the old tables have ${jobs} jobs and ${runs} runs`);
}

async function adoptTimed(settings: Parameters<typeof openMysql>[0]): Promise<void> {
  const database = await openMysql(settings);
  const options = {
    zone: 'Asia/Shanghai',
    now: Date.now(),
    defaults: { maxAttempts: 3, completion: 'callback' as const },
    log: { info: say, warn: say },
  };
  for (const which of ['all of it', 'once more, nothing new']) {
    const began = performance.now();
    const report = await adoptLegacy(database, options);
    say(`${which}: ${report?.rows} rows in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  await database.close();
}
