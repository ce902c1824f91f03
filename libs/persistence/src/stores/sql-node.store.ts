import {
  type Beat,
  type Cluster,
  HOLD_MS,
  LEASE_MS,
  type NodeIdentity,
  type NodeRole,
  NodeStore,
  type NodeView,
} from '@ecron/nodes';
import { type Database } from '../database.js';
import { type NodeRow } from '../rows/index.js';

const BEAT_COLUMNS = ['heartbeat_at', 'hold_until', 'free_capacity', 'skew_ms', 'highest_time'] as const;
const COLUMNS = ['node_id', 'name', 'role', 'version', 'capacity', 'started_at', ...BEAT_COLUMNS] as const;
/** What lies further ahead than twice its length has been written by a clock that was wrong. */
export const IS_LIVE = 'heartbeat_at > ? AND heartbeat_at <= ?';
export const liveBetween = (now: number): [number, number] => [now - LEASE_MS, now + 2 * LEASE_MS];
/** Whether a node with that last heartbeat counts as alive; both are epoch milliseconds. */
export function isLive(heartbeatAt: number, now: number): boolean {
  const [after, until] = liveBetween(now);
  return heartbeatAt > after && heartbeatAt <= until;
}
const HOLDS = 'hold_until >= ? AND hold_until <= ?';
const holds = (now: number): number[] => [now, now + 2 * HOLD_MS];

export class SqlNodeStore extends NodeStore {
  constructor(private readonly database: Database) {
    super();
  }

  async beat(node: NodeIdentity, { now, holdUntil, free, skewMs }: Beat): Promise<void> {
    const { nodeId, name, role, version, capacity } = node;
    const values = [nodeId, name, role, version, capacity, now, now, holdUntil, free, skewMs, now];
    const upsert = { table: 'ecron_node', columns: COLUMNS, key: 'node_id', set: BEAT_COLUMNS };
    await this.database.write('beat', (sql) => sql.run(sql.dialect.upsert(upsert), values));
  }

  async leave(nodeId: string): Promise<void> {
    await this.database.write('beat', (sql) =>
      sql.run('UPDATE ecron_node SET heartbeat_at = 0, hold_until = 0 WHERE node_id = ?', [nodeId]),
    );
  }

  async findCluster(now: number): Promise<Cluster> {
    const [row] = await this.database.read<{ capacity: number | null; analysis_nodes: number | null }>(
      `SELECT SUM(CASE WHEN ${IS_LIVE} THEN capacity ELSE 0 END) AS capacity,
         SUM(CASE WHEN role = 'analysis' AND ${HOLDS} THEN 1 ELSE 0 END) AS analysis_nodes FROM ecron_node`,
      [...liveBetween(now), ...holds(now)],
    );
    return { capacity: Number(row?.capacity ?? 0), analysisNodes: Number(row?.analysis_nodes ?? 0) };
  }

  async lapsedHolders(now: number): Promise<string[]> {
    const rows = await this.database.read<{ node_id: string }>(
      `SELECT node_id FROM ecron_node WHERE role = 'analysis' AND NOT (${HOLDS})`,
      holds(now),
    );
    return rows.map((row) => row.node_id);
  }

  async highestTime(): Promise<number> {
    const [row] = await this.database.read<{ highest: number | null }>(
      'SELECT MAX(highest_time) AS highest FROM ecron_node',
    );
    return row?.highest ?? 0;
  }

  async list(now: number): Promise<NodeView[]> {
    const rows = await this.database.read<NodeRow>(
      `SELECT ${COLUMNS.join(', ')} FROM ecron_node WHERE heartbeat_at > 0 ORDER BY role, name, node_id`,
    );
    return rows.map((row) => toView(row, now));
  }
}

function toView(row: NodeRow, now: number): NodeView {
  return {
    nodeId: row.node_id,
    name: row.name,
    role: row.role as NodeRole,
    version: row.version,
    startedAt: row.started_at,
    heartbeatAgeMs: now - row.heartbeat_at,
    skewMs: row.skew_ms,
    capacity: row.capacity,
    free: row.free_capacity,
    isLive: isLive(row.heartbeat_at, now),
  };
}
