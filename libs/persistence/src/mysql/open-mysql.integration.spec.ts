import { describeWith, MysqlTestDatabase } from '@ecron/testing';
import { NewerSchemaError, openMysql, PendingMigrationsError } from '../index.js';
import { openSource } from './migrate-mysql.js';
import { complete } from './mysql-settings.js';

describeWith('mariadb', 'opening a database on MariaDB', (server) => {
  let test: MysqlTestDatabase;

  beforeEach(async () => {
    test = await MysqlTestDatabase.create(server);
  });
  afterEach(() => test.drop());

  const applied = async () =>
    (await test.query('SELECT name FROM ecron_migration')).map((row) => row['name']);

  it('has, once migrated, exactly the schema that the entities describe', async () => {
    await test.open();
    const source = await openSource(complete(test.settings), 'MariaDB');
    const drift = await source.driver.createSchemaBuilder().log();
    await source.destroy();
    expect(drift.upQueries.map((q) => q.query)).toEqual([]);
  });

  it('makes tables that compare byte by byte, whatever the default of the database', async () => {
    await test.query(`ALTER DATABASE ${test.name} CHARACTER SET latin1`);
    await test.open();
    const tables = await test.query(
      `SELECT DISTINCT table_collation AS collation, row_format AS format FROM information_schema.tables
       WHERE table_schema = '${test.name}' AND table_name <> 'ecron_migration'`,
    );
    expect(tables).toEqual([{ collation: 'utf8mb4_bin', format: 'Dynamic' }]);
  });

  it('is migrated once by several that start at the same time', async () => {
    await Promise.all(Array.from({ length: 4 }, () => test.open()));
    const names = await applied();
    expect(names).toHaveLength(new Set(names).size);
  });

  it('goes on with a migration that was cut in the middle', async () => {
    await test.open();
    await test.query('DELETE FROM ecron_migration');
    await test.query('DROP TABLE ecron_node');
    const database = await test.open();
    expect(await database.read('SELECT * FROM ecron_node')).toEqual([]);
    expect(await applied()).not.toEqual([]);
  });

  it('only checks where it is told to: it refuses a new database and takes a migrated one', async () => {
    const check = () => openMysql(test.settings, { migrate: 'check' });
    await expect(check()).rejects.toThrow(PendingMigrationsError);
    expect(await test.query('SHOW TABLES')).toEqual([]);
    await test.open();
    await (await check()).close();
  });

  it('refuses a database that a newer version has migrated', async () => {
    await test.open();
    await test.query(`INSERT INTO ecron_migration (timestamp, name) VALUES (9, 'Later9')`);
    await expect(openMysql(test.settings)).rejects.toThrow(NewerSchemaError);
    await expect(openMysql(test.settings, { migrate: 'check' })).rejects.toThrow(NewerSchemaError);
  });

  it('says so where the server, the account or the database is not there', async () => {
    await expect(openMysql({ ...test.settings, port: 1 })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(openMysql({ ...test.settings, password: 'wrong' })).rejects.toMatchObject({ errno: 1045 });
    await expect(openMysql({ ...test.settings, database: 'nowhere' })).rejects.toMatchObject({ errno: 1049 });
  });
});
