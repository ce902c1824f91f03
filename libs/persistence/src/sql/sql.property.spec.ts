import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { chunks, inList, insertIgnore, type Sql, type SqlValue, updateByKey } from './sql.js';
import { SQLITE_DIALECT } from './sqlite-dialect.js';

const isPowerOfTwo = (n: number): boolean => Number.isInteger(Math.log2(n));
const OPTIONS = { seed: 11, numRuns: 200 };

/** SQLite in memory with one table, and the number of distinct statements it was given. */
function makeTable() {
  const database = new Sqlite(':memory:');
  database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, epoch INTEGER)');
  const texts = new Set<string>();
  const sql: Sql = {
    dialect: SQLITE_DIALECT,
    all: async <T>(text: string, values: readonly SqlValue[] = []) =>
      database.prepare(text).all(...values) as T[],
    run: async (text, values = []) => {
      texts.add(text);
      return database.prepare(text).run(...values).changes;
    },
  };
  const rows = () => sql.all<{ id: number; name: string; epoch: number }>('SELECT * FROM t ORDER BY id');
  return { sql, rows, texts };
}

describe('a list for IN', () => {
  it('has the values, each at least once and no other, and as many marks, a power of two', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 300 }), (values) => {
        const list = inList(values);
        expect(list.values.slice(0, values.length)).toEqual(values);
        expect(new Set(list.values)).toEqual(new Set(values));
        expect(list.marks.split(',')).toHaveLength(list.values.length);
        expect(isPowerOfTwo(list.values.length) && list.values.length < 2 * values.length).toBe(true);
      }),
      OPTIONS,
    );
  });

  it('of nothing matches nothing', async () => {
    const { sql } = makeTable();
    await insertIgnore(sql, 't', ['id', 'name'], [[1, 'a']]);
    const list = inList([]);
    expect(await sql.all(`SELECT * FROM t WHERE name IN (${list.marks})`, list.values)).toEqual([]);
  });
});

describe('chunks of rows', () => {
  it('are the rows in their order, in pieces of at most 128 whose lengths are powers of two', () => {
    fc.assert(
      fc.property(fc.nat(1_000), (length) => {
        const rows = Array.from({ length }, (_, n) => n);
        const cut = chunks(rows, SQLITE_DIALECT);
        expect(cut.flat()).toEqual(rows);
        expect(cut.every((chunk) => isPowerOfTwo(chunk.length) && chunk.length <= 128)).toBe(true);
      }),
      OPTIONS,
    );
  });
});

describe('writing many rows', () => {
  const rowsOf = (count: number, name: string, epoch = 0): [number, string, number][] =>
    Array.from({ length: count }, (_, id) => [id, name, epoch]);

  it('inserts those whose key is new, leaves the others, and counts the new ones', async () => {
    const { sql, rows } = makeTable();
    expect(await insertIgnore(sql, 't', ['id', 'name', 'epoch'], rowsOf(100, 'first'))).toBe(100);
    expect(await insertIgnore(sql, 't', ['id', 'name', 'epoch'], rowsOf(300, 'second'))).toBe(200);
    const names = (await rows()).map((row) => row.name);
    expect(names).toEqual([
      ...new Array<string>(100).fill('first'),
      ...new Array<string>(200).fill('second'),
    ]);
  });

  it('updates each row by its key with its own values, those that the guard lets through, and counts them', async () => {
    const { sql, rows } = makeTable();
    await insertIgnore(sql, 't', ['id', 'name', 'epoch'], [...rowsOf(200, 'old', 1)]);
    await updateByKey(sql, 't', ['id', 'epoch'], [[7, 2]]);
    const values = rowsOf(300, 'new', 1).map(([id, name, epoch]) => [id, `${name} ${id}`, epoch]);
    const changed = await updateByKey(sql, 't', ['id', 'name', 'epoch'], values, {
      guard: 't.epoch = v.epoch',
      set: ['name'],
    });
    expect(changed).toBe(199);
    expect((await rows()).map((row) => row.name)).toEqual(
      Array.from({ length: 200 }, (_, id) => (id === 7 ? 'old' : `new ${id}`)),
    );
  });

  it('takes nothing for an answer', async () => {
    const { sql } = makeTable();
    expect(await insertIgnore(sql, 't', ['id'], [])).toBe(0);
    expect(await updateByKey(sql, 't', ['id', 'name'], [])).toBe(0);
  });

  it('needs a handful of statements, whatever the numbers of rows', async () => {
    const { sql, texts } = makeTable();
    for (let count = 0; count < 140; count++)
      await insertIgnore(sql, 't', ['id', 'name', 'epoch'], rowsOf(count, 'a'));
    expect(texts.size).toBeLessThanOrEqual(8);
  });
});
