import { type JobMode, type Reason, type Settlement } from '@ecron/domain';
import { type OrphanedRun, RecoveryStore } from '@ecron/scheduling';
import { type Database } from '../database.js';
import { type ExecutionRow } from '../rows/index.js';
import { inList, updateByKey } from '../sql/sql.js';
import { releaseActive } from './active-rows.js';
import { policyOf, toAttempts } from './mapping.js';

const COLUMNS = [
  'execute_id',
  'epoch',
  'state',
  'reason',
  'ended_at',
  'due_at',
  'attempts',
  'holder',
] as const;

type OrphanRow = ExecutionRow & { stored_policy: string | null; mode: string | null };

export class SqlRecoveryStore extends RecoveryStore {
  constructor(private readonly database: Database) {
    super();
  }

  async findOrphans(living: readonly string[], limit: number): Promise<OrphanedRun[]> {
    const nodes = inList(living);
    const rows = await this.database.read<OrphanRow>(
      `SELECT e.*, j.policy AS stored_policy, COALESCE(j.mode, 'http') AS mode
       FROM ecron_execution e LEFT JOIN ecron_job j ON j.job_id = e.job_id AND e.job_version > 0
       WHERE e.state = 'running' AND COALESCE(e.holder NOT IN (${nodes.marks}), 1) LIMIT ?`,
      [...nodes.values, limit],
    );
    return rows.map(toOrphan);
  }

  async settleOrphans(settled: readonly { run: OrphanedRun; settlement: Settlement }[]): Promise<void> {
    await this.database.write('record', async (sql) => {
      const rows = settled.map(({ run, settlement: s }) => [
        run.executeId,
        run.epoch,
        s.state,
        s.reason,
        s.endedAt,
        s.dueAt,
        JSON.stringify([...run.attempts, s.entry]),
        '',
      ]);
      await updateByKey(sql, 'ecron_execution', COLUMNS, rows, {
        guard: `t.state = 'running' AND t.epoch = v.epoch`,
        set: COLUMNS.slice(2),
      });
      await releaseActive(
        sql,
        settled.map(({ run }) => run),
      );
    });
  }

  async forgetNodes(living: readonly string[]): Promise<void> {
    const nodes = inList(living);
    const isDead = (column: string): string => `COALESCE(${column} NOT IN (${nodes.marks}), 1)`;
    await this.database.write('edit', async (sql) => {
      await sql.run(
        `UPDATE ecron_execution SET holder = '' WHERE state = 'waiting' AND holder <> '' AND ${isDead('holder')}`,
        nodes.values,
      );
      await sql.run(`DELETE FROM ecron_node WHERE ${isDead('node_id')}`, nodes.values);
    });
  }
}

function toOrphan(row: OrphanRow): OrphanedRun {
  const startedAt = row.started_at ?? row.nominal_at;
  return {
    executeId: row.execute_id,
    jobId: row.job_id,
    epoch: row.epoch,
    attempt: row.attempt,
    nodeId: row.holder,
    begunAt: row.begun_at ?? startedAt,
    startedAt,
    attempts: toAttempts(row.attempts),
    policy: policyOf(row),
    mode: (modeOf(row.context) ?? row.mode ?? 'http') as JobMode,
    cancelReason: row.cancel_at === null ? null : (row.cancel_reason as Reason),
  };
}

/** A run with a context of its own may be of another mode than its job. */
function modeOf(context: string | null): string | undefined {
  return context === null ? undefined : (JSON.parse(context) as { mode?: string }).mode;
}
