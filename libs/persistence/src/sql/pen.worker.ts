import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { carryOut, type TransactionArgument } from '../transactions/index.js';
import { type PenAnswer, type PenOrder } from './pen-protocol.js';
import { type Sql, type SqlValue } from './sql.js';
import { SQLITE_DIALECT } from './sqlite-dialect.js';

const STATEMENTS_KEPT = 400;

const { file, pragmas } = workerData as { file: string; pragmas: string[] };
const database = new Sqlite(file);
for (const text of pragmas) database.pragma(text);
const statements = new Map<string, Sqlite.Statement>();

function prepare(text: string): Sqlite.Statement {
  const known = statements.get(text);
  if (known !== undefined) return known;
  const statement = database.prepare(text);
  if (statements.size >= STATEMENTS_KEPT) statements.delete(statements.keys().next().value ?? '');
  statements.set(text, statement);
  return statement;
}

const sql: Sql = {
  dialect: SQLITE_DIALECT,
  all: async <T>(text: string, values: readonly SqlValue[] = []) =>
    prepare(text)
      .raw(false)
      .all(...values) as T[],
  run: async (text, values = []) => prepare(text).run(...values).changes,
};

async function answer(order: PenOrder): Promise<PenAnswer> {
  const { id } = order;
  try {
    if ('text' in order) return { id, ...runStatement(order.text, order.values) };
    return {
      id,
      result: JSON.stringify(
        await carryOut(sql, order.call, JSON.parse(order.argument) as TransactionArgument<typeof order.call>),
      ),
    };
  } catch (error) {
    return { id, error: (error as Error).message, code: (error as { code?: string }).code ?? '' };
  }
}

/** Rows cross threads as arrays: their names once, not once a row. */
function runStatement(
  text: string,
  values: readonly SqlValue[],
): { columns: string[]; rows: unknown[][]; changes: number } {
  const statement = prepare(text);
  if (!statement.reader) return { columns: [], rows: [], changes: statement.run(...values).changes };
  const columns = statement.columns().map((column) => column.name);
  return { columns, rows: statement.raw(true).all(...values) as unknown[][], changes: 0 };
}

parentPort?.on('message', (order: PenOrder | null) => {
  if (order !== null) return void answer(order).then((done) => parentPort?.postMessage(done));
  database.close();
  parentPort?.close();
});
