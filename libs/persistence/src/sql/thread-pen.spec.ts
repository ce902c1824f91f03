import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMigrated } from '../open-sqlite.js';
import { ThreadPen } from './thread-pen.js';

/** Compiled before the tests run: a thread cannot load TypeScript. */
const PROGRAM = new URL('dist/libs/persistence/src/sql/pen.worker.js', `file://${process.cwd()}/`);
const programOf = (text: string): URL => new URL(`data:text/javascript,${encodeURIComponent(text)}`);
const DIES_AT_WORK = `import { parentPort } from 'node:worker_threads';
  parentPort.on('message', () => { throw new Error('out of memory'); });`;
const LEAVES_AT_WORK = `import { parentPort } from 'node:worker_threads';
  parentPort.on('message', () => process.exit(3));`;

describe('the database thread', () => {
  let folder: string;
  let pen: ThreadPen | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ecron-'));
  });
  afterEach(async () => {
    await pen?.close();
    pen = undefined;
    rmSync(folder, { recursive: true });
  });
  const open = (program = PROGRAM, file = 'ecron.db'): ThreadPen =>
    (pen = new ThreadPen(program, join(folder, file), []));

  it('carries out what it is given in that order, and answers with rows and counts', async () => {
    const thread = open();
    const answers = await Promise.all([
      thread.run('CREATE TABLE t (id INTEGER, name TEXT)'),
      thread.run('INSERT INTO t VALUES (?, ?), (?, ?)', [1, 'a', 2, null]),
      thread.all('SELECT id, name FROM t ORDER BY id'),
      thread.run('DELETE FROM t WHERE id > ?', [5]),
      thread.all('SELECT * FROM t WHERE id = ?', [9]),
    ]);
    expect(answers).toEqual([
      0,
      2,
      [
        { id: 1, name: 'a' },
        { id: 2, name: null },
      ],
      0,
      [],
    ]);
  });

  it('fails one statement with its code and goes on', async () => {
    const thread = open();
    await thread.run('CREATE TABLE t (id INTEGER PRIMARY KEY)');
    await thread.run('INSERT INTO t VALUES (1)');
    await expect(thread.run('INSERT INTO t VALUES (1)')).rejects.toMatchObject({
      code: 'SQLITE_CONSTRAINT_PRIMARYKEY',
    });
    await expect(thread.all('SELECT nothing')).rejects.toThrow('nothing');
    expect(await thread.all('SELECT * FROM t')).toEqual([{ id: 1 }]);
  });

  it('keeps transactions apart that stand in line', async () => {
    await (await openMigrated(folder)).destroy();
    const thread = open();
    const request = { executeIds: ['a'], nodeId: 'm', token: 't', now: 0 };
    const order = { ...request, defaults: { maxAttempts: 3, completion: 'auto' as const } };
    const calls = Array.from({ length: 50 }, () => thread.call('startRuns', order));
    expect(await Promise.all(calls)).toEqual(new Array(50).fill([]));
  });

  it('fails a transaction as a whole, and the next one is not inside it', async () => {
    const thread = open();
    await expect(thread.call('recordRuns', { records: [], isCapped: false })).resolves.toEqual([]);
    const request = { executeIds: ['a'], nodeId: 'm', token: 't', now: 0 };
    const order = { ...request, defaults: { maxAttempts: 3, completion: 'auto' as const } };
    await expect(thread.call('startRuns', order)).rejects.toThrow('no such table');
    await expect(thread.call('recordRuns', { records: [], isCapped: false })).resolves.toEqual([]);
  });

  it.each([
    ['fails', DIES_AT_WORK, 'out of memory'],
    ['leaves', LEAVES_AT_WORK, 'the database thread has ended'],
  ])('that %s fails all that waits for it, and all that comes after', async (_, program, message) => {
    const thread = open(programOf(program));
    const waiting = await Promise.allSettled([
      thread.run('a'),
      thread.all('b'),
      thread.call('recordRuns', { records: [], isCapped: false }),
    ]);
    for (const one of waiting) expect(one).toMatchObject({ status: 'rejected', reason: { message } });
    await expect(thread.run('c')).rejects.toThrow(message);
    await thread.close();
  });

  it.each([
    ['its program cannot be found', new URL('file:///no/such/program.js'), 'ecron.db', 'Cannot find module'],
    ['its file cannot be opened', PROGRAM, 'no/such/folder/ecron.db', 'directory does not exist'],
  ])('fails all that waits for it when %s', async (_, program, file, message) => {
    await expect(open(program, file).all('SELECT 1')).rejects.toThrow(message);
  });

  it('closes after what it was given before, and takes nothing more', async () => {
    const thread = open();
    const last = thread.run('CREATE TABLE t (id INTEGER)');
    await thread.close();
    await thread.close();
    expect(await last).toBe(0);
    await expect(thread.run('SELECT 1')).rejects.toThrow('the database thread has ended');
  });
});
