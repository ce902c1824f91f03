import { type PolicyDefaults, type Reason } from '@ecron/domain';
import {
  type RecordedState,
  type RunKey,
  type RunningRow,
  type RunRecord,
  RunStore,
  type StartedRun,
  type StartRequest,
} from '@ecron/execution';
import { type Database } from '../database.js';
import { inList, type Sql, updateByKey } from '../sql/sql.js';
import { type CandidateRow, SELECT_CANDIDATES } from '../transactions/start-rows.js';
import { toRun } from '../transactions/start-runs.js';
import { ContextCache } from './context-cache.js';
import { queueNotices } from './sql-webhook-notices.js';

/** What was to be cancelled has ended before anything was sent. */
const GIVE_BACK = `state = CASE WHEN t.cancel_at IS NULL THEN 'waiting' ELSE 'interrupted' END,
  reason = CASE WHEN t.cancel_at IS NULL THEN 'node lost' ELSE t.cancel_reason END, attempt = t.attempt - 1, holder = '',
  due_at = CASE WHEN t.cancel_at IS NULL THEN v.given_at ELSE NULL END,
  ended_at = CASE WHEN t.cancel_at IS NULL THEN NULL ELSE v.given_at END`;

export class SqlRunStore extends RunStore {
  private readonly contexts = new ContextCache();

  constructor(
    private readonly database: Database,
    private readonly defaults: PolicyDefaults,
  ) {
    super();
  }

  async start(request: StartRequest): Promise<StartedRun[]> {
    const rows = await this.database.call('start', 'startRuns', { ...request, defaults: this.defaults });
    return rows.map((row) => ({ ...row, context: this.contexts.get(row.context) }));
  }

  async findStarted(nodeId: string, token: string): Promise<StartedRun[]> {
    const rows = await this.database.read<CandidateRow>(
      `${SELECT_CANDIDATES} WHERE e.state = 'running' AND e.holder = ? AND e.start_token = ?`,
      [nodeId, token],
    );
    return rows.map(toRun).map((row) => ({ ...row, context: this.contexts.get(row.context) }));
  }

  record(records: readonly RunRecord[]): Promise<RecordedState[]> {
    return this.database.call('record', 'recordRuns', {
      records,
      isCapped: this.defaults.caps !== undefined,
    });
  }

  async findOverdue(dueBefore: number, limit: number): Promise<string[]> {
    const nodes = await this.database.read<{ node_id: string }>('SELECT node_id FROM ecron_node');
    const holders = inList(['', ...nodes.map((node) => node.node_id)]);
    const rows = await this.database.read<{ execute_id: string }>(
      `SELECT execute_id FROM ecron_execution WHERE state = 'waiting' AND due_at < ? AND holder IN (${holders.marks})
       ORDER BY due_at LIMIT ?`,
      [dueBefore, ...holders.values, limit],
    );
    return rows.map((row) => row.execute_id);
  }

  async findRunning(nodeId: string): Promise<RunningRow[]> {
    const rows = await this.database.read<{
      execute_id: string;
      epoch: number;
      cancel_at: number | null;
      cancel_reason: string;
    }>(
      `SELECT execute_id, epoch, cancel_at, cancel_reason FROM ecron_execution WHERE state = 'running' AND holder = ?`,
      [nodeId],
    );
    return rows.map((row) => ({
      executeId: row.execute_id,
      epoch: row.epoch,
      cancelReason: row.cancel_at === null ? null : (row.cancel_reason as Reason),
    }));
  }

  async findLost(runs: readonly RunKey[]): Promise<string[]> {
    const epochs = new Map(runs.map((run) => [run.executeId, run.epoch]));
    const ids = inList([...epochs.keys()]);
    const rows = await this.database.read<{
      execute_id: string;
      epoch: number;
      state: string;
      reason: string;
    }>(
      `SELECT execute_id, epoch, state, reason FROM ecron_execution WHERE execute_id IN (${ids.marks})`,
      ids.values,
    );
    const isLost = (row: (typeof rows)[number]): boolean =>
      row.epoch !== epochs.get(row.execute_id) ||
      row.state === 'waiting' ||
      (row.state === 'interrupted' && row.reason === 'node lost');
    return rows.filter(isLost).map((row) => row.execute_id);
  }

  async giveBack(rows: readonly RunningRow[], now: number): Promise<void> {
    const values = rows.map((row) => [row.executeId, row.epoch, now]);
    await this.database.write('record', async (sql) => {
      await updateByKey(sql, 'ecron_execution', ['execute_id', 'epoch', 'given_at'], values, {
        guard: `t.state = 'running' AND t.epoch = v.epoch`,
        set: [],
        also: GIVE_BACK,
      });
      await queueNotices(sql, await findEnded(sql, rows), now);
    });
  }
}

/** Those that were to be cancelled. */
async function findEnded(
  sql: Sql,
  rows: readonly RunningRow[],
): Promise<{ jobId: string; executeId: string }[]> {
  const ids = inList(rows.map((row) => row.executeId));
  const ended = await sql.all<{ execute_id: string; job_id: string }>(
    `SELECT execute_id, job_id FROM ecron_execution WHERE execute_id IN (${ids.marks}) AND state = 'interrupted'`,
    ids.values,
  );
  return ended.map((row) => ({ jobId: row.job_id, executeId: row.execute_id }));
}
