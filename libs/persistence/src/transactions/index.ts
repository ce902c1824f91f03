import { type Sql } from '../sql/sql.js';
import { recordRuns } from './record-runs.js';
import { startRuns } from './start-runs.js';

/**
 * The hot transactions, by name: each crosses to the database thread as one order instead of one a statement.
 * Arguments and results are plain JSON.
 */
export const TRANSACTIONS = { startRuns, recordRuns };

export type TransactionName = keyof typeof TRANSACTIONS;
export type TransactionArgument<N extends TransactionName> = Parameters<(typeof TRANSACTIONS)[N]>[1];
export type TransactionResult<N extends TransactionName> = Awaited<ReturnType<(typeof TRANSACTIONS)[N]>>;

/** Carries one out between BEGIN and COMMIT, on whichever thread `sql` writes. */
export function carryOut<N extends TransactionName>(
  sql: Sql,
  name: N,
  argument: TransactionArgument<N>,
): Promise<TransactionResult<N>> {
  return inTransaction(sql, () => perform(sql, name, argument));
}

/** Carries one out inside a transaction that is open. */
export function perform<N extends TransactionName>(
  sql: Sql,
  name: N,
  argument: TransactionArgument<N>,
): Promise<TransactionResult<N>> {
  return (TRANSACTIONS[name] as (s: Sql, a: typeof argument) => Promise<TransactionResult<N>>)(sql, argument);
}

/** All of `work` or nothing. */
export async function inTransaction<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  await sql.run('BEGIN IMMEDIATE');
  try {
    const result = await work();
    await sql.run('COMMIT');
    return result;
  } catch (error) {
    await sql.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
