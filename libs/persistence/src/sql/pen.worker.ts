import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { type PenAnswer, type PenOrder } from './pen-protocol.js';

const STATEMENTS_KEPT = 400;

const { file, pragmas } = workerData as { file: string; pragmas: string[] };
const database = new Sqlite(file);
for (const text of pragmas) database.pragma(text);
const statements = new Map<string, Sqlite.Statement>();

function prepare(text: string): Sqlite.Statement {
  const known = statements.get(text);
  if (known !== undefined) return known;
  const statement = database.prepare(text);
  if (statement.reader) statement.raw();
  if (statements.size >= STATEMENTS_KEPT) statements.delete(statements.keys().next().value ?? '');
  statements.set(text, statement);
  return statement;
}

function carryOut({ id, text, values }: PenOrder): PenAnswer {
  try {
    const statement = prepare(text);
    if (!statement.reader) return { id, columns: [], rows: [], changes: statement.run(...values).changes };
    const columns = statement.columns().map((column) => column.name);
    return { id, columns, rows: statement.all(...values) as unknown[][], changes: 0 };
  } catch (error) {
    return { id, error: (error as Error).message, code: (error as { code?: string }).code ?? '' };
  }
}

parentPort?.on('message', (order: PenOrder | null) => {
  if (order !== null) return parentPort?.postMessage(carryOut(order));
  database.close();
  parentPort?.close();
});
