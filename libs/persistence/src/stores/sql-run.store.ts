import { type PolicyDefaults, type Reason } from '@ecron/domain';
import {
  type RecordedState,
  type RunningRow,
  type RunRecord,
  RunStore,
  type StartedRun,
  type StartRequest,
} from '@ecron/execution';
import { type Database } from '../database.js';
import { ContextCache } from './context-cache.js';

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

  record(records: readonly RunRecord[]): Promise<RecordedState[]> {
    return this.database.call('record', 'recordRuns', records);
  }

  async findOverdue(dueBefore: number, limit: number): Promise<string[]> {
    const rows = await this.database.read<{ execute_id: string }>(
      `SELECT execute_id FROM ecron_execution WHERE state = 'waiting' AND due_at < ?
         AND holder IN (SELECT '' UNION ALL SELECT node_id FROM ecron_node) ORDER BY due_at LIMIT ?`,
      [dueBefore, limit],
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

  async giveBack(rows: readonly RunningRow[], now: number): Promise<void> {
    await this.database.write('record', async (sql) => {
      for (const row of rows) {
        await sql.run(
          `UPDATE ecron_execution SET state = 'waiting', reason = 'node lost', attempt = attempt - 1, due_at = ?, holder = ''
           WHERE execute_id = ? AND state = 'running' AND epoch = ?`,
          [now, row.executeId, row.epoch],
        );
      }
    });
  }
}
