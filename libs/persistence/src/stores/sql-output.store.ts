import {
  type OutputPiece,
  type OutputProgress,
  OutputStore,
  type OutputStream,
  type StoredOutput,
} from '@ecron/execution';
import { type TenantScope } from '@ecron/domain';
import { type Database } from '../database.js';
import { type OutputRow } from '../rows/index.js';
import { inList, insertIgnore, type Sql } from '../sql/sql.js';
import { inScope } from './mapping.js';

const COLUMNS = [
  'execute_id',
  'attempt',
  'stream',
  'epoch',
  'head',
  'tail',
  'total_bytes',
  'updated_at',
] as const;

type ProgressRow = Pick<OutputRow, 'execute_id' | 'attempt' | 'stream' | 'total_bytes'>;

export class SqlOutputStore extends OutputStore {
  constructor(private readonly database: Database) {
    super();
  }

  write(pieces: readonly OutputPiece[]): Promise<void> {
    return this.database.write('routine', async (sql) => {
      for (const piece of [...pieces].sort(byKey)) await writePiece(sql, piece);
    });
  }

  readLast(scope: TenantScope, executeId: string): Promise<StoredOutput[]> {
    const last = '(SELECT MAX(l.attempt) FROM ecron_output l WHERE l.execute_id = o.execute_id)';
    return this.select(scope, `o.execute_id = ? AND o.attempt = ${last}`, [executeId]);
  }

  read(scope: TenantScope, executeId: string, attempt: number): Promise<StoredOutput[]> {
    return this.select(scope, 'o.execute_id = ? AND o.attempt = ?', [executeId, attempt]);
  }

  async look(executeIds: readonly string[]): Promise<OutputProgress[]> {
    if (executeIds.length === 0) return [];
    const ids = inList(executeIds);
    const states = await this.database.browse<{ execute_id: string; state: string }>(
      `SELECT execute_id, state FROM ecron_execution WHERE execute_id IN (${ids.marks})`,
      ids.values,
    );
    const rows = await this.database.browse<ProgressRow>(
      `SELECT execute_id, attempt, stream, total_bytes FROM ecron_output WHERE execute_id IN (${ids.marks})`,
      ids.values,
    );
    const stateOf = new Map(states.map((row) => [row.execute_id, row.state]));
    return executeIds.map((executeId) => ({
      executeId,
      state: stateOf.get(executeId) ?? null,
      streams: rows.filter((row) => row.execute_id === executeId).map(toProgress),
    }));
  }

  private async select(
    scope: TenantScope,
    where: string,
    values: (string | number)[],
  ): Promise<StoredOutput[]> {
    const tenant = inScope(scope, 'e');
    const owned = `EXISTS (SELECT 1 FROM ecron_execution e WHERE e.execute_id = o.execute_id AND ${tenant.sql})`;
    const rows = await this.database.browse<OutputRow>(
      `SELECT o.* FROM ecron_output o WHERE ${where} AND ${owned} ORDER BY o.stream DESC`,
      [...values, ...tenant.values],
    );
    return rows.map(toOutput);
  }
}

/** Rows are locked in the order of their key. */
function byKey(a: OutputPiece, b: OutputPiece): number {
  if (a.executeId !== b.executeId) return a.executeId < b.executeId ? -1 : 1;
  return a.attempt - b.attempt || (a.stream < b.stream ? -1 : 1);
}

async function writePiece(sql: Sql, piece: OutputPiece): Promise<void> {
  if (await update(sql, piece)) return;
  const { executeId, attempt, stream, epoch, head, tail, totalBytes, updatedAt } = piece;
  const row = [executeId, attempt, stream, epoch, head ?? '', tail, totalBytes, updatedAt];
  const inserted = await insertIgnore(sql, 'ecron_output', COLUMNS, [row]);
  // Another node was first, perhaps with an earlier start.
  if (inserted === 0) await update(sql, piece);
}

/** False: there is no such row, or it belongs to a later start. */
async function update(sql: Sql, piece: OutputPiece): Promise<boolean> {
  const { executeId, attempt, stream, epoch, head, tail, totalBytes, updatedAt } = piece;
  const changed = await sql.run(
    `UPDATE ecron_output SET head = COALESCE(?, head), tail = ?, total_bytes = ?, epoch = ?, updated_at = ?
     WHERE execute_id = ? AND attempt = ? AND stream = ? AND epoch <= ?`,
    [head, tail, totalBytes, epoch, updatedAt, executeId, attempt, stream, epoch],
  );
  return changed > 0;
}

function toOutput(row: OutputRow): StoredOutput {
  return {
    executeId: row.execute_id,
    attempt: row.attempt,
    stream: row.stream as OutputStream,
    head: row.head,
    tail: row.tail,
    totalBytes: row.total_bytes,
    updatedAt: row.updated_at,
  };
}

const toProgress = (row: ProgressRow): OutputProgress['streams'][number] => ({
  attempt: row.attempt,
  stream: row.stream as OutputStream,
  totalBytes: row.total_bytes,
});
