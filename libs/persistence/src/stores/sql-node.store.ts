import { type NodeIdentity, NodeStore } from '@ecron/nodes';
import { type Database } from '../database.js';

/** A management node whose heartbeat is older than this gets nothing more. */
const LEASE_MS = 15_000;

const BEAT = `INSERT INTO ecron_node (node_id, name, role, capacity, started_at, heartbeat_at, hold_until, free_capacity, highest_time)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (node_id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at, hold_until = excluded.hold_until,
    free_capacity = excluded.free_capacity, highest_time = excluded.highest_time`;

export class SqlNodeStore extends NodeStore {
  constructor(private readonly database: Database) {
    super();
  }

  async beat(
    node: NodeIdentity,
    { now, holdUntil, free }: { now: number; holdUntil: number; free: number },
  ): Promise<void> {
    const values = [node.nodeId, node.name, node.role, node.capacity, now, now, holdUntil, free, now];
    await this.database.write('edit', (sql) => sql.run(BEAT, values));
  }

  async liveCapacity(now: number): Promise<number> {
    const [row] = await this.database.read<{ capacity: number | null }>(
      'SELECT SUM(capacity) AS capacity FROM ecron_node WHERE heartbeat_at > ?',
      [now - LEASE_MS],
    );
    return row?.capacity ?? 0;
  }

  async lapsedHolders(now: number): Promise<string[]> {
    const rows = await this.database.read<{ node_id: string }>(
      `SELECT node_id FROM ecron_node WHERE role = 'analysis' AND hold_until < ?`,
      [now],
    );
    return rows.map((row) => row.node_id);
  }

  async highestTime(): Promise<number> {
    const [row] = await this.database.read<{ highest: number | null }>(
      'SELECT MAX(highest_time) AS highest FROM ecron_node',
    );
    return row?.highest ?? 0;
  }
}
