import { describeWith, MysqlTestDatabase, TcpProxy } from '@ecron/testing';
import {
  type Database,
  NoAnswerError,
  openMysql,
  OutcomeUnknownError,
  SqlNodeStore,
  WriteQueueFullError,
} from '../index.js';

const QUICK = { transactionTimeoutMs: 1_000, connectTimeoutMs: 300 };
const insert = (name: string) => `INSERT INTO ecron_meta (name, value) VALUES ('${name}', '')`;

describeWith('mariadb', 'a database on MariaDB', (server) => {
  let test: MysqlTestDatabase;
  let proxy: TcpProxy;
  let database: Database;

  beforeAll(async () => {
    test = await MysqlTestDatabase.create(server);
    await test.open();
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    await test.empty();
    proxy = await new TcpProxy(server).open();
    database = await openMysql({ ...test.settings, ...QUICK, host: '127.0.0.1', port: proxy.port });
  });
  afterEach(async () => {
    await database.close();
    await proxy.close();
  });

  const write = (name: string) => database.write('edit', (sql) => sql.run(insert(name)));
  const names = async () =>
    (await test.query('SELECT name FROM ecron_meta ORDER BY name')).map((row) => row['name']);
  const select = (text: string) => database.read<Record<string, unknown>>(text);

  it('says what it is', () => {
    expect(database.capabilities.server).toMatch(/^MariaDB \d/);
    expect(database.capabilities.skipLocked).toBe(true);
  });

  it('tells the time of the server, in UTC', async () => {
    const [row] = await test.query(
      `SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) / 1000 AS now`,
    );
    expect(Math.abs((await database.clock()) - Number(row?.['now']))).toBeLessThan(60_000);
  });

  it('works in sessions that read what is committed, byte by byte, and refuse what does not fit', async () => {
    expect(await select(`SELECT @@tx_isolation AS isolation, @@collation_connection AS collation`)).toEqual([
      { isolation: 'READ-COMMITTED', collation: 'utf8mb4_bin' },
    ]);
    const long = database.write('edit', (sql) => sql.run(insert('x'.repeat(65))));
    await expect(long).rejects.toMatchObject({ errno: 1406 });
  });

  it('keeps text of any script, and of any length that a payload may have', async () => {
    const value = `${'小さい 🗓 \\ \' " % '.repeat(8_000)}\u0000end`;
    await database.write('edit', (sql) =>
      sql.run(`INSERT INTO ecron_meta (name, value) VALUES ('long', ?)`, [value]),
    );
    expect(await select(`SELECT value FROM ecron_meta`)).toEqual([{ value }]);
  });

  it('gives numbers as numbers', async () => {
    const [row] = await select(
      'SELECT 1764000000000 AS big, COUNT(*) AS count, SUM(2) AS sum FROM ecron_meta',
    );
    expect(row).toEqual({ big: 1_764_000_000_000, count: 0, sum: null });
  });

  it('undoes what has failed', async () => {
    const failing = database.write('edit', async (sql) => {
      await sql.run(insert('undone'));
      throw new Error('given up');
    });
    await expect(failing).rejects.toThrow('given up');
    await write('next');
    expect(await names()).toEqual(['next']);
  });

  it('goes on when a connection had been ended while it lay idle', async () => {
    await write('first');
    await endAll();
    await write('second');
    expect(await names()).toEqual(['first', 'second']);
  });

  it('rejects what is cut in the middle, which has changed nothing, and goes on', async () => {
    const cut = database.write('edit', async (sql) => {
      await sql.run(insert('cut'));
      await endAll();
      await sql.run(insert('cut too'));
    });
    await expect(cut).rejects.toMatchObject({ fatal: true });
    await write('next');
    expect(await names()).toEqual(['next']);
  });

  it('rejects while the server is away, and works again when it is back', async () => {
    await write('before');
    await proxy.close();
    await expect(write('away')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(select('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.open();
    await write('after');
    expect(await names()).toEqual(['after', 'before']);
  });

  it('gives up a connection that has gone dead, and works again when others pass', async () => {
    await write('before');
    proxy.freeze();
    await expect(select('SELECT 1')).rejects.toBeInstanceOf(Error);
    await expect(write('dead')).rejects.toBeInstanceOf(Error);
    await proxy.close();
    await proxy.open();
    await write('after');
    expect(await names()).toEqual(['after', 'before']);
  });

  it('says that a transaction has changed nothing which got no answer before its end', async () => {
    await write('before');
    proxy.freezeAtText(insert('dead'));
    await expect(write('dead')).rejects.toThrow(NoAnswerError);
    await write('after');
    expect(await names()).toEqual(['after', 'before']);
  });

  it('makes another connection where one goes dead while it is made', async () => {
    proxy.freezeAtText('READ COMMITTED');
    await write('made');
    expect(await names()).toEqual(['made']);
  });

  it('says that the outcome is unknown of a transaction whose end got no answer', async () => {
    await write('before');
    proxy.freezeAtText('COMMIT');
    await expect(write('unknown')).rejects.toThrow(OutcomeUnknownError);
  });

  it('refuses when ten thousand wait already', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const claims = Array.from({ length: 10_001 }, () => database.write('claim', () => gate));
    const refused = expect(database.write('claim', () => gate)).rejects.toThrow(WriteQueueFullError);
    await refused;
    open();
    await Promise.all(claims.map((claim) => claim.catch(() => undefined)));
  });

  it('gives up what gets no connection in half its time, and does not ask for one again', async () => {
    const gate = new Promise<never>(() => undefined);
    const held = Promise.allSettled([1, 2, 3].map(() => database.write('claim', () => gate)));
    const work = jest.fn(() => Promise.resolve());
    await expect(database.write('claim', work)).rejects.toThrow('was free within 500 ms');
    expect(work).not.toHaveBeenCalled();
    await held;
  });

  it('writes signs of life though every other writer waits for locks', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const routines = Array.from({ length: 16 }, () => database.write('routine', () => gate));
    const node = { nodeId: 'n', name: 'n', role: 'analysis' as const, capacity: 0, version: '' };
    const beat = { now: 1_764_000_000_000, holdUntil: 1, free: 0, skewMs: 0 };
    await new SqlNodeStore(database).beat(node, beat);
    expect(await test.query('SELECT heartbeat_at FROM ecron_node')).toEqual([{ heartbeat_at: beat.now }]);
    open();
    await Promise.all(routines);
  });

  it('does what it was asked for before it closes', async () => {
    const writes = Array.from({ length: 20 }, (_, n) => write(`n${n}`));
    await database.close();
    await Promise.all(writes);
    expect(await names()).toHaveLength(20);
    await expect(write('late')).rejects.toThrow('closed');
  });

  /** Ends every connection to the database but the test's own. */
  async function endAll(): Promise<void> {
    const rows = await test.query(
      `SELECT id FROM information_schema.processlist WHERE db = '${test.name}' AND id <> CONNECTION_ID()`,
    );
    for (const row of rows) await test.query(`KILL ${String(row['id'])}`);
  }
});
