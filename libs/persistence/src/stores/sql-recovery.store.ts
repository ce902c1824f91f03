import { isGivenBack, type JobMode, type Reason, type Settlement } from '@ecron/domain';
import { executorModeOf } from '@ecron/execution';
import { BadRows, type DepartedNode, type NodeSet, type OrphanedRun, RecoveryStore } from '@ecron/scheduling';
import { Logger } from '@nestjs/common';
import { CAP_SIGN } from '../caps/cap-keys.js';
import { type Database } from '../database.js';
import { type ExecutionRow } from '../rows/index.js';
import { EXECUTIONS, writeWhere } from '../sql/row-locks.js';
import { inList, type SqlValue, updateByKey } from '../sql/sql.js';
import { lockActive, releaseActive } from './active-rows.js';
import { isLive } from './sql-node.store.js';
import { queueNotices } from './sql-webhook-notices.js';
import { policyOf, type Tell, toAttempts, toContext } from './stored-json.js';

const COLUMNS = [
  'execute_id',
  'epoch',
  'state',
  'reason',
  'attempt',
  'ended_at',
  'due_at',
  'attempts',
  'holder',
] as const;

type OrphanRow = ExecutionRow & {
  stored_policy: string | null;
  stored_context: string | null;
  mode: string | null;
};

export class SqlRecoveryStore extends RecoveryStore {
  private readonly bad = new BadRows(new Logger('Recovery'));

  constructor(private readonly database: Database) {
    super();
  }

  async findDeparted(now: number): Promise<DepartedNode[]> {
    // Before the nodes: who holds something has had its row for longer.
    const holders = [...(await this.holdersOf('waiting')), ...(await this.holdersOf('running'))];
    const nodes = await this.database.read<{ node_id: string; heartbeat_at: number }>(
      'SELECT node_id, heartbeat_at FROM ecron_node',
    );
    const known = new Set(nodes.map((node) => node.node_id));
    const strangers = [...new Set(holders)].filter((holder) => !known.has(holder));
    const lapsed = nodes.filter((node) => !isLive(node.heartbeat_at, now));
    return [
      ...lapsed.map((node) => ({ nodeId: node.node_id, heartbeatAt: node.heartbeat_at })),
      ...strangers.map((nodeId) => ({ nodeId, heartbeatAt: 0 })),
    ];
  }

  async findOrphans(nodes: NodeSet, limit: number): Promise<OrphanedRun[]> {
    const theirs = isOneOf('e.holder', nodes);
    const until = ('only' in nodes ? nodes.startedUntil : undefined) ?? Number.MAX_SAFE_INTEGER;
    const rows = await this.database.read<OrphanRow>(
      `SELECT e.*, j.policy AS stored_policy, COALESCE(j.mode, 'http') AS mode,
         CASE WHEN j.mode = 'exe' THEN j.context ELSE NULL END AS stored_context
       FROM ecron_execution e LEFT JOIN ecron_job j ON j.job_id = e.job_id AND e.job_version > 0
       WHERE e.state = 'running' AND ${theirs.where} AND COALESCE(e.started_at, 0) <= ? LIMIT ?`,
      [...theirs.values, until, limit],
    );
    return rows.map((row) => toOrphan(row, (rule) => this.bad.tell(`execution ${row.execute_id}`, rule)));
  }

  async settleOrphans(settled: readonly { run: OrphanedRun; settlement: Settlement }[]): Promise<void> {
    await this.database.write('record', async (sql) => {
      const rows = settled.map(({ run, settlement: s }) => [
        run.executeId,
        run.epoch,
        s.state,
        s.reason,
        isGivenBack(s) ? run.attempt - 1 : run.attempt,
        s.endedAt,
        s.dueAt,
        JSON.stringify([...run.attempts, s.entry]),
        '',
      ]);
      await lockActive(
        sql,
        settled.map(({ run }) => run),
      );
      await updateByKey(sql, 'ecron_execution', COLUMNS, rows, {
        // What was to be cancelled since it was found is left for the next look.
        guard: `t.state = 'running' AND t.epoch = v.epoch AND (t.cancel_at IS NULL OR v.state = 'interrupted')`,
        set: COLUMNS.slice(2),
      });
      await releaseActive(
        sql,
        settled.map(({ run }) => run),
      );
      const ended = settled.filter(({ settlement }) => settlement.endedAt !== null);
      await queueNotices(
        sql,
        ended.map(({ run }) => run),
        ended[0]?.settlement.endedAt ?? 0,
      );
    });
  }

  async forgetNodes(living: readonly string[]): Promise<void> {
    await this.forget({ allBut: living }, '', []);
  }

  async forgetDeparted(departed: readonly DepartedNode[]): Promise<string[]> {
    const lost: string[] = [];
    for (const { nodeId, heartbeatAt } of departed) {
      const role = heartbeatAt === 0 ? undefined : await this.roleOf(nodeId);
      const forgotten = await this.forget({ only: [nodeId] }, ' AND heartbeat_at = ?', [heartbeatAt]);
      if (forgotten > 0 && role !== undefined) lost.push(role);
    }
    return lost;
  }

  private async roleOf(nodeId: string): Promise<string | undefined> {
    const [row] = await this.database.read<{ role: string }>(
      'SELECT role FROM ecron_node WHERE node_id = ?',
      [nodeId],
    );
    return row?.role;
  }

  /** Resolves with how many were forgotten. */
  private async forget(nodes: NodeSet, guard: string, guardValues: readonly SqlValue[]): Promise<number> {
    const held = isOneOf('holder', nodes);
    const node = isOneOf('node_id', nodes);
    const where = `state = 'waiting' AND holder <> '' AND holder < '${CAP_SIGN}' AND ${held.where}`;
    return this.database.write('routine', async (sql) => {
      const picked = { ...EXECUTIONS, where, values: held.values };
      await writeWhere(sql, picked, { set: `holder = ''` });
      return sql.run(`DELETE FROM ecron_node WHERE ${node.where}${guard}`, [...node.values, ...guardValues]);
    });
  }

  /** By one step through the index for each of them, however many rows they hold. */
  private async holdersOf(state: 'waiting' | 'running'): Promise<string[]> {
    const holders: string[] = [];
    for (let next: string | undefined = ''; next !== undefined;) {
      const [row]: { holder: string }[] = await this.database.read(
        'SELECT holder FROM ecron_execution WHERE state = ? AND holder > ? AND holder < ? ORDER BY holder LIMIT 1',
        [state, next, CAP_SIGN],
      );
      next = row?.holder;
      if (next !== undefined) holders.push(next);
    }
    return holders;
  }
}

function isOneOf(column: string, nodes: NodeSet): { where: string; values: readonly SqlValue[] } {
  const list = inList('only' in nodes ? nodes.only : nodes.allBut);
  const where =
    'only' in nodes ? `${column} IN (${list.marks})` : `COALESCE(${column} NOT IN (${list.marks}), 1)`;
  return { where, values: list.values };
}

function toOrphan(row: OrphanRow, tell: Tell): OrphanedRun {
  const startedAt = row.started_at ?? row.nominal_at;
  return {
    executeId: row.execute_id,
    jobId: row.job_id,
    epoch: row.epoch,
    attempt: row.attempt,
    nodeId: row.holder,
    begunAt: row.begun_at ?? startedAt,
    startedAt,
    attempts: toAttempts(row.attempts, tell),
    policy: policyOf(row, tell),
    mode: modeOf(row),
    cancelReason: row.cancel_at === null ? null : (row.cancel_reason as Reason),
  };
}

/** What the run's executor is registered for; a run with a context of its own may be of another mode than its job. */
function modeOf({ context, stored_context: stored, mode }: OrphanRow): JobMode {
  const text = context ?? stored;
  return text === null ? (mode ?? 'http') : executorModeOf(toContext(text));
}
