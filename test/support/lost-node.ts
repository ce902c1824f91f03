import { type Cluster } from './cluster.js';
import { type ClusterNode } from './cluster-node.js';
import { eventually } from './eventually.js';
import { type ExecutionView } from './shapes.js';

/** A management node that runs an execution, and another one beside it. */
export interface Pair {
  runner: ClusterNode;
  runnerId: string;
  other: ClusterNode;
  otherId: string;
}

/** A node is missed when its lease of 15 s is over; what it ran is started again soon after. */
export const MISSED_WITHIN_MS = 45_000;

/** Finds out who runs an execution that has been started. */
export async function findPair(cluster: Cluster, jobId: string): Promise<Pair> {
  const runnerId = await eventually(async () => {
    const [status] = await cluster.api.statuses(`job_id=${jobId}`);
    const [executor] = status?.executor ?? [];
    expect(executor).toBeDefined();
    return executor?.executor_id ?? '';
  });
  const { items } = await cluster.api.get<{ items: { node_id: string; name: string }[] }>('/node');
  const nameOf = (id: string) => items.find((node) => node.node_id === id)?.name;
  const runner = cluster.of('management').find(({ name }) => name === nameOf(runnerId));
  const other = cluster.of('management').find((node) => node !== runner);
  if (runner === undefined || other === undefined) throw new Error(`nobody is ${runnerId}`);
  const otherId = items.find(({ name }) => name === other.name)?.node_id ?? '';
  return { runner, runnerId, other, otherId };
}

/** Waits at `node` for the state of an execution whose own node was lost. */
export function untilTakenOver(node: ClusterNode, executeId: string, state: string): Promise<ExecutionView> {
  return eventually(async () => {
    const execution = await node.api.execution(executeId);
    expect(execution.state).toBe(state);
    return execution;
  }, MISSED_WITHIN_MS);
}
